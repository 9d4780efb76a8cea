import * as fc from 'fast-check';
import avro from 'avsc';
import type {
  AttributeKind,
  AttributeValue,
  Attributes,
  ChangeEvent,
  EntityName,
  SourceBlock,
} from './index';
import {
  DecodeError,
  ENTITIES,
  EncodeError,
  TopicCodec,
  TopicNames,
  debeziumTimes,
  defaultSchemasDir,
  loadSchemas,
  schemaIdOf,
} from './index';

const schemas = loadSchemas(defaultSchemasDir());
const names = new TopicNames();
const ids = { key: 11, value: 12 };
const HUB = '0191b0a2-7c3e-7d4b-8a55-0123456789ab';
const PRODUCT = 'aaaaaaaa-7c3e-7d4b-8a55-0123456789ab';

const codecFor = (entity: EntityName, kind: 'source' | 'golden'): TopicCodec => {
  const topic = kind === 'golden' ? names.catalog(entity) : names.source('plytix', entity);
  return new TopicCodec(schemas, topic, { entity, kind }, ids);
};

// ---- events -----------------------------------------------------------------------------------------

const text = fc.string({ unit: 'binary' });
const name = fc.string({ unit: 'binary', minLength: 1 }).filter((word) => word !== '__proto__');
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
const long = fc.maxSafeInteger().map((number) => Math.min(Math.max(number, -(2 ** 52)), 2 ** 53 - 2) + 0);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const media = fc.array(
  fc.record(
    { asset_id: text, role: optional(text), position: optional(long), url: optional(text) },
    { noNullPrototype: true },
  ),
);
const dictionary = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(name, value, { noNullPrototype: true });

const valueOf: Record<AttributeKind, fc.Arbitrary<AttributeValue>> = {
  string: text,
  long,
  boolean: fc.boolean(),
  string_list: fc.array(text),
  media,
  localised: dictionary(text),
  custom: fc.oneof(
    text.map((string) => ({ kind: 'string', string }) as const),
    long.map((number) => ({ kind: 'long', long: number }) as const),
    fc.constantFrom('12.50', '-0.1000', '7').map((decimal) => ({ kind: 'decimal', decimal }) as const),
    fc.boolean().map((boolean) => ({ kind: 'boolean', boolean }) as const),
    fc.constant({ kind: 'date', date: '2027-02-28' } as const),
    fc.array(text).map((list) => ({ kind: 'list', list }) as const),
    media.map((references) => ({ kind: 'media', media: references }) as const),
  ),
};

function attributesOf(entity: EntityName): fc.Arbitrary<Attributes> {
  const { named, maps } = schemas.layout(entity);
  const fields = [...named].map(([path, kind]) => fc.tuple(fc.constant(path), optional(valueOf[kind])));
  const entries = [...maps].map(([map, kind]) =>
    fc.tuple(
      name.map((entry) => `${map}.${entry}`),
      optional(valueOf[kind]),
    ),
  );
  const pairs = fc.array(fc.oneof(...fields, ...entries, ...entries), { maxLength: 12 });
  return pairs.map((list) => Object.fromEntries(list));
}

const sourceOf = (entity: EntityName): fc.Arbitrary<SourceBlock> =>
  fc
    .record({
      vendor_id: optional(text),
      vendor_time: optional(text),
      db: text,
      at: time,
      echo: fc.boolean(),
    })
    .map(({ at, ...given }): SourceBlock => ({
      version: '0.1.0',
      connector: 'plytix',
      name: 'plytix',
      snapshot: 'false',
      sequence: '7',
      system: 'plytix',
      entity,
      supplied: [],
      ...debeziumTimes(at),
      ...given,
    }));

function eventOf(entity: EntityName, kind: 'source' | 'golden'): fc.Arbitrary<ChangeEvent> {
  const product_id = entity === 'variant' ? PRODUCT : HUB;
  const record = fc
    .tuple(fc.integer({ min: 1, max: 2 ** 53 - 2 }), attributesOf(entity))
    .map(([version, attributes]) => ({ hub_id: HUB, product_id, version, attributes }));
  const parts = fc.tuple(
    optional(record),
    optional(record),
    sourceOf(entity),
    time,
    fc.constantFrom('r', 'c', 'u', 'd'),
  );
  return parts.map(([before, after, source, ts_ms, op]) => {
    const listed = Object.keys(after?.attributes ?? {});
    if (kind === 'source')
      return { before, after, source: { ...source, supplied: listed }, op, ts_ms } as ChangeEvent;
    const groups = [listed.slice(0, 3), listed.slice(3)].filter((group) => group.length > 0);
    const provenance = groups.map((attributes) => ({
      system: 'plytix',
      event_id: '9b0c',
      ts_ms,
      attributes,
    }));
    return { before, after, source, op, ts_ms, provenance, rules_version: 3 } as ChangeEvent;
  });
}

/** What of an event survives: of `before`, the attributes that had a value. */
function withoutNullsBefore(event: ChangeEvent): ChangeEvent {
  if (event.before === null) return event;
  const filled = Object.entries(event.before.attributes).filter(([, value]) => value !== null);
  return { ...event, before: { ...event.before, attributes: Object.fromEntries(filled) } };
}

const combinations = ENTITIES.flatMap((entity) =>
  (['source', 'golden'] as const).map((kind) => ({ entity, kind })),
);

const source: SourceBlock = {
  version: '0.1.0',
  connector: 'plytix',
  name: 'plytix',
  ...debeziumTimes(1_764_061_470_000),
  snapshot: 'false',
  db: '',
  sequence: '7',
  system: 'plytix',
  entity: 'product',
  vendor_id: '5f1c',
  vendor_time: '2025-11-25T09:04:30Z',
  supplied: [],
  echo: false,
};

const productEvent = (attributes: Record<string, unknown>): ChangeEvent => ({
  before: null,
  after: { hub_id: HUB, product_id: HUB, version: 7, attributes: attributes as Attributes },
  source: { ...source, supplied: Object.keys(attributes) },
  op: 'u',
  ts_ms: 1_764_061_471_207,
});

// ---- what the codec promises ------------------------------------------------------------------------

describe('TopicCodec', () => {
  const sut = codecFor('product', 'source');

  it.each(combinations)('brings a $kind event of $entity back as it was', ({ entity, kind }) => {
    const codec = codecFor(entity, kind);
    fc.assert(
      fc.property(eventOf(entity, kind), (event) => {
        expect(codec.decodeEvent(codec.encodeEvent(event))).toStrictEqual(withoutNullsBefore(event));
      }),
      { numRuns: 40 },
    );
  });

  it('frames bytes with magic 0 and the schema id, big-endian', () => {
    const bytes = sut.encodeEvent(productEvent({ code: 'ST-1042' }));
    expect(bytes.subarray(0, 5).toString('hex')).toBe('000000000c');
    expect(schemaIdOf(bytes)).toBe(12);
    expect(sut.encodeKey({ code: 'ST-1042' }).toString('latin1')).toBe('\0\0\0\0\u000b\u000eST-1042');
  });

  it('writes times in three units, exactly, and what plain Avro reads', () => {
    const bytes = sut.encodeEvent(productEvent({ code: 'ST-1042', 'custom.gone': null }));
    const exact = avro.Type.forSchema(JSON.parse(sut.valueSchema) as avro.Schema, {
      typeHook: (node) => (node === 'long' ? bigintLong : undefined),
    });
    expect(exact.fromBuffer(bytes.subarray(5))).toMatchObject({
      ts_ms: 1_764_061_471_207n,
      ts_us: 1_764_061_471_207_000n,
      ts_ns: 1_764_061_471_207_000_000n,
      transaction: null,
      after: { hub_id: HUB, version: 7n, code: 'ST-1042', name: null, custom: {} },
      source: { ts_ns: 1_764_061_470_000_000_000n, supplied: ['code', 'custom.gone'] },
    });
  });

  it('tells cleared from never supplied, whatever the names in the maps', () => {
    const attributes = { code: 'A', name: null, 'custom.toString': null, 'localised.a.b': null };
    const { after } = sut.decodeEvent(sut.encodeEvent(productEvent(attributes)));
    expect(after?.attributes).toStrictEqual(attributes);
  });

  it('writes records of any size, and small ones after them', () => {
    const large = productEvent({ description: 'ä'.repeat(3_000_000) });
    const small = productEvent({ description: 'short' });
    expect(sut.decodeEvent(sut.encodeEvent(large))).toStrictEqual(large);
    const bytes = sut.encodeEvent(small);
    sut.encodeEvent(large);
    expect(sut.decodeEvent(bytes)).toStrictEqual(small);
  });

  it('can leave before unread', () => {
    const event = { ...productEvent({ code: 'B' }), before: productEvent({ code: 'A' }).after };
    const bytes = sut.encodeEvent(event);
    expect(sut.decodeEvent(bytes, undefined, { before: false })).toStrictEqual({ ...event, before: null });
  });

  it.each([
    ['colour', { colour: 'red' }, 'the schema has no such attribute'],
    ['__proto__', JSON.parse('{"__proto__":"x"}'), 'the schema has no such attribute'],
    ['stock.x', { 'stock.x': null }, 'the schema has no such attribute'],
    ['name', { name: 7 }, 'it is a text, not the number 7'],
    ['name', { name: undefined }, 'it is a text, not the undefined undefined'],
    ['name', { name: 'half \ud800' }, 'the text has half of a surrogate pair'],
    ['name', { name: { de: 'Hemd' } }, 'it is a text, not an object with de'],
    ['categories', { categories: 'A' }, 'it is a list of texts, not the text "A"'],
    ['categories', { categories: ['A', null] }, 'it is a text, not null'],
    ['media', { media: [{ asset_id: 'a' }] }, 'it is a text, not the undefined undefined'],
    [
      'media',
      { media: [{ asset_id: 'a', role: null, position: 1.5, url: null }] },
      'whole number from -2^52 up to 2^53',
    ],
    ['media', { media: [{ asset_id: 'a', size: 1 }] }, 'a media reference has no field size'],
    ['localised.name', { 'localised.name': { de: 1 } }, 'it is a text, not the number 1'],
    ['localised.name', { 'localised.name': 'Hemd' }, 'it is text by locale, not the text "Hemd"'],
    ['localised.name', { 'localised.name': JSON.parse('{"__proto__":"x"}') }, 'cannot be a name'],
    ['custom.', { 'custom.': null }, 'the text "" cannot be a name'],
    ['custom.__proto__', { 'custom.__proto__': { kind: 'long', long: 1 } }, 'cannot be a name'],
    ['custom.care', { 'custom.care': '30°' }, 'it is a custom value, not the text "30°"'],
    [
      'custom.care',
      { 'custom.care': { kind: 'percent', percent: 3 } },
      'a known kind, not the text "percent"',
    ],
    ['custom.care', { 'custom.care': { kind: 'long', long: 2 ** 53 } }, 'whole number from -2^52 up to 2^53'],
    [
      'custom.care',
      { 'custom.care': { kind: 'decimal', decimal: 12.5 } },
      'it is a text, not the number 12.5',
    ],
    [
      'custom.care',
      { 'custom.care': { kind: 'long', long: 1, string: 'x' } },
      'of kind long has no field string',
    ],
  ])('refuses to write %s of %j: it names the attribute and what came', (attribute, attributes, reason) => {
    const encoding = (): unknown => sut.encodeEvent(productEvent(attributes as Record<string, unknown>));
    expect(encoding).toThrow(EncodeError);
    expect(encoding).toThrow(expect.objectContaining({ entity: 'product', attribute }) as Error);
    expect(encoding).toThrow(reason);
  });

  it('refuses an attribute that the event does not list as supplied, and one that it lists but lacks', () => {
    const event = productEvent({ code: 'A', name: 'B' });
    const listing = (...supplied: string[]) => ({ ...event, source: { ...source, supplied } });
    expect(() => sut.encodeEvent(listing('code'))).toThrow(
      'attribute name: after has it, but the event does not',
    );
    expect(() => sut.encodeEvent(listing('code', 'name', 'brand'))).toThrow(
      'attribute brand: the event says',
    );
  });

  it('refuses an event that is not one of its topic', () => {
    const event = productEvent({ code: 'A' });
    const golden = codecFor('product', 'golden');
    expect(() => golden.encodeEvent(event)).toThrow('attribute provenance: a golden event has it');
    expect(() => golden.encodeEvent({ ...event, provenance: [] })).toThrow('attribute rules_version');
    expect(() => sut.encodeEvent({ ...event, provenance: [] })).toThrow('a source event has none');
    expect(() => codecFor('variant', 'source').encodeEvent(event)).toThrow('attribute source.entity');
    const foreign = { ...event, after: { ...event.after!, product_id: PRODUCT } };
    expect(() => sut.encodeEvent(foreign)).toThrow(
      'attribute product_id: a product has none but its own hub_id',
    );
  });

  it('names the field of the event that Avro refuses', () => {
    const event = productEvent({ code: 'A' });
    const wrong = { ...event, source: { ...event.source, ts_ms: 1.5 } };
    expect(() => sut.encodeEvent(wrong)).toThrow('attribute source.ts_ms: it is not the number 1.5');
    expect(() => sut.encodeEvent({ ...event, ts_ms: Number.NaN })).toThrow('attribute ts_ms');
    const half = { ...event, source: { ...event.source, vendor_time: '\udfff' } };
    expect(() => sut.encodeEvent(half)).toThrow('attribute source.vendor_time: the text has half');
  });

  it('writes no key that is not exactly the key of its entity', () => {
    const variants = codecFor('variant', 'source');
    const key = { product: 'ST-1042', sku: 'ST-1042-M' };
    expect(variants.decodeKey(variants.encodeKey(key))).toStrictEqual(key);
    expect(() => variants.encodeKey({ sku: 'A' })).toThrow('attribute product: it is a text');
    expect(() => variants.encodeKey({ ...key, size: 'M' })).toThrow(
      'attribute size: the key has no such field',
    );
    expect(() => sut.encodeKey({ code: '' })).toThrow('attribute code: the key needs a text here');
  });

  it('writes nothing before its schemas are registered', () => {
    const unregistered = new TopicCodec(schemas, names.catalog('product'), {
      entity: 'product',
      kind: 'golden',
    });
    expect(() => unregistered.encodeKey({ code: 'A' })).toThrow('its schemas are not registered');
  });
});

describe('decoding', () => {
  const writer = codecFor('product', 'source');
  const bytes = writer.encodeEvent(
    productEvent({ code: 'A', name: 'Shirt', 'custom.care': { kind: 'string', string: 'x' } }),
  );
  const reader = (): TopicCodec =>
    new TopicCodec(schemas, writer.topic, { entity: 'product', kind: 'source' });

  it("takes a writer's schema once for each schema id", () => {
    const sut = reader();
    expect(sut.knowsEvent(12)).toBe(false);
    expect(() => sut.decodeEvent(bytes)).toThrow('reading bytes of schema 12: its schema was not given');
    sut.learnEvent(12, writer.valueSchema);
    expect(sut.knowsEvent(12)).toBe(true);
    expect(sut.decodeEvent(bytes).after?.attributes['name']).toBe('Shirt');
    expect(sut.decodeEvent(bytes, undefined, { before: false }).after?.version).toBe(7);
    expect(sut.decodeKey(writer.encodeKey({ code: 'A' }), writer.keySchema)).toEqual({ code: 'A' });
  });

  it('reads what an older and a newer release wrote, and never takes an unknown attribute for a cleared one', () => {
    const newer = writer.valueSchema.replace(
      '{"name":"brand",',
      '{"name":"gender","type":["null","string"],"default":null,"doc":"Gender."},{"name":"brand",',
    );
    const event = avroOf(writer, bytes);
    Object.assign(event['after'] as object, { gender: 'women' });
    Object.assign(event['source'] as object, { supplied: ['code', 'gender', 'name'] });
    const attributes = reader().decodeEvent(framed(newer, 13, event), newer).after?.attributes;
    expect(attributes).toStrictEqual({ code: 'A', name: 'Shirt' });

    const brand = '{"name":"brand","type":["null","string"],"default":null,"doc":"Brand."},';
    const older = writer.valueSchema.replace(brand, '');
    expect(older).not.toBe(writer.valueSchema);
    expect(
      reader().decodeEvent(framed(older, 14, avroOf(writer, bytes)), older).after?.attributes,
    ).toMatchObject({
      name: 'Shirt',
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0), '0 bytes are too few'],
    ['text', Buffer.from('{"code":"A"}'), 'the first byte is 123, not 0'],
    ['a record cut short', bytes.subarray(0, bytes.length - 1), 'they end before the record does'],
    ['a record with more behind it', Buffer.concat([bytes, Buffer.from('x')]), '1 are left over'],
  ])('refuses %s', (_, garbage, reason) => {
    const decoding = (): unknown => writer.decodeEvent(garbage);
    expect(decoding).toThrow(DecodeError);
    expect(decoding).toThrow(reason);
  });

  it('ends quickly with an event or a DecodeError, whatever the bytes', () => {
    const frame = Buffer.from([0, 0, 0, 0, 12]);
    const anything = fc.uint8Array({ maxLength: 200 }).map((noise) => Buffer.concat([frame, noise]));
    const damaged = fc
      .tuple(fc.nat(bytes.length - 6), fc.uint8Array({ minLength: 1, maxLength: 9 }))
      .map(([at, noise]) => Buffer.concat([bytes.subarray(0, 5 + at), noise, bytes.subarray(5 + at)]));
    fc.assert(
      fc.property(fc.oneof(anything, damaged), (noise) => {
        try {
          expect(writer.decodeEvent(noise)).toHaveProperty('op');
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses an event of another entity, and a custom value of a kind that it does not know', () => {
    const event = avroOf(writer, bytes);
    const other = { ...event, source: { ...(event['source'] as object), entity: 'asset' } };
    expect(() => writer.decodeEvent(framed(writer.valueSchema, 12, other))).toThrow('about the entity asset');
    const care = { kind: 'percent', string: null, long: null, decimal: null, boolean: null, date: null };
    (event['after'] as { custom: object }).custom = { care: { ...care, list: null, media: null } };
    expect(() => writer.decodeEvent(framed(writer.valueSchema, 12, event))).toThrow(
      'decoding product attribute custom.care: the kind "percent" is not known here',
    );
  });

  it('refuses a writer whose schema cannot be read as ours', () => {
    expect(() => reader().decodeEvent(bytes, '"string"')).toThrow(DecodeError);
    expect(() => reader().decodeEvent(bytes, 'no schema')).toThrow(DecodeError);
  });
});

// ---- plain Avro, as a stranger's client would do it ---------------------------------------------------

const bigintLong = avro.types.LongType['__with']({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: () => 0,
});

const plainType = (schema: string): avro.Type =>
  avro.Type.forSchema(JSON.parse(schema) as avro.Schema, {
    typeHook: (node) => (node === 'long' ? bigintLong : undefined),
  });

function avroOf(codec: TopicCodec, bytes: Buffer): Record<string, unknown> {
  return plainType(codec.valueSchema).fromBuffer(bytes.subarray(5)) as Record<string, unknown>;
}

function framed(schema: string, id: number, event: Record<string, unknown>): Buffer {
  const head = Buffer.from([0, 0, 0, 0, id]);
  return Buffer.concat([head, plainType(schema).toBuffer(event)]);
}
