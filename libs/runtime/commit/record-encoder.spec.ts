import {
  defaultSchemasDir,
  EncodeError,
  HEADER,
  loadSchemas,
  readRecordHeaders,
  TopicCodec,
  TopicNames,
} from '#contracts';
import type { RecordChange } from './record-change';
import { MILLRACE_VERSION, newTraceparent, RecordEncoder, RecordTooLarge } from './record-encoder';

const HUB = '0191b0a2-7c3e-7d4b-8a55-0123456789ab';
const NOW = new Date('2025-11-21T11:00:00.123Z');
const schemas = loadSchemas(defaultSchemasDir());
const ids = { key: 11, value: 12 };
const topic = new TopicNames().source('plytix', 'product');
const codec = new TopicCodec(schemas, topic, { entity: 'product', kind: 'source' }, ids);
const context = { now: NOW, snapshot: false, traceparent: newTraceparent() };

const encoder = (maxValueBytes?: number): RecordEncoder =>
  new RecordEncoder({
    connector: 'plytix',
    name: 'millrace.plytix',
    system: 'plytix',
    outputs: new Map([['product', { topic, codec }]]),
    ...(maxValueBytes !== undefined && { maxValueBytes }),
  });

const change = (rest: Partial<RecordChange> = {}): RecordChange => ({
  entity: 'product',
  hubId: HUB,
  productId: HUB,
  op: 'u',
  version: 7,
  before: { attributes: { code: 'A', name: 'Coat' }, version: 6, productId: HUB },
  after: { name: null, code: 'A', brand: 'Nord' },
  key: { code: 'A' },
  partition: 3,
  changedAtMs: 1_763_700_000_001,
  vendorId: 'p1',
  vendorTime: '2025-11-21T04:40:00Z',
  ...rest,
});

describe('RecordEncoder', () => {
  it('encodes an event that says what changed, when, and what was ever supplied', () => {
    const [record, ...others] = encoder().encode(change(), context);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ topic, partition: 3, timestampMs: NOW.getTime() });
    expect(codec.decodeKey(record!.key)).toEqual({ code: 'A' });
    const event = codec.decodeEvent(record!.value!);
    expect(event).toMatchObject({
      op: 'u',
      ts_ms: NOW.getTime(),
      before: { hub_id: HUB, product_id: HUB, version: 6, attributes: { code: 'A', name: 'Coat' } },
      after: {
        hub_id: HUB,
        product_id: HUB,
        version: 7,
        attributes: { code: 'A', name: null, brand: 'Nord' },
      },
    });
    expect(event.source).toEqual({
      version: MILLRACE_VERSION,
      connector: 'plytix',
      name: 'millrace.plytix',
      ts_ms: 1_763_700_000_001,
      ts_us: 1_763_700_000_001_000,
      ts_ns: 1_763_700_000_001_000_000n,
      snapshot: 'false',
      db: '',
      sequence: '7',
      system: 'plytix',
      entity: 'product',
      vendor_id: 'p1',
      vendor_time: '2025-11-21T04:40:00Z',
      supplied: ['brand', 'code', 'name'],
      echo: false,
    });
  });

  it('marks what was read in a snapshot', () => {
    const [record] = encoder().encode(change({ op: 'r', before: null }), { ...context, snapshot: true });
    expect(codec.decodeEvent(record!.value!)).toMatchObject({
      op: 'r',
      before: null,
      source: { snapshot: 'true' },
    });
  });

  it('puts identity, version and trace into the headers', () => {
    const [record] = encoder().encode(change(), context);
    expect(readRecordHeaders(record!.headers)).toMatchObject({ hubId: HUB, productId: HUB, version: 7 });
    expect(record!.headers[HEADER.traceparent]).toBe(context.traceparent);
    expect(context.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(record!.headers).not.toHaveProperty([HEADER.newKey]);
    expect(record!.headers).not.toHaveProperty([HEADER.oldKey]);
  });

  it('follows a delete by its tombstone, at the same place and with the same headers', () => {
    const [event, tombstone, ...others] = encoder().encode(change({ op: 'd', after: null }), context);
    expect(others).toEqual([]);
    expect(codec.decodeEvent(event!.value!)).toMatchObject({
      op: 'd',
      after: null,
      source: { supplied: ['code', 'name'] },
    });
    expect(tombstone).toEqual({ ...event, value: null });
  });

  it('names the other key on both halves of a re-key, the tombstone included', () => {
    const ended = encoder().encode(change({ op: 'd', after: null, newKey: { code: 'B' } }), context);
    expect(ended.map(({ headers }) => codec.decodeKey(headers[HEADER.newKey] as Buffer))).toEqual([
      { code: 'B' },
      { code: 'B' },
    ]);
    const begun = encoder().encode(change({ op: 'c', before: null, oldKey: { code: 'B' } }), context);
    expect(codec.decodeKey(begun[0]!.headers[HEADER.oldKey] as Buffer)).toEqual({ code: 'B' });
  });

  it('gives the same change the same id, whenever and as whatever it is published', () => {
    const idOf = (rest: Partial<RecordChange>, now = NOW): unknown =>
      encoder().encode(change(rest), { ...context, now })[0]!.headers[HEADER.ceId];
    expect(idOf({ op: 'r', before: null }, new Date(0))).toBe(idOf({}));
    expect(idOf({ version: 8 })).not.toBe(idOf({}));
  });

  it('gives golden events their provenance and rules version', () => {
    const golden = new TopicNames().catalog('product');
    const goldenCodec = new TopicCodec(schemas, golden, { entity: 'product', kind: 'golden' }, ids);
    const sut = new RecordEncoder({
      connector: 'millrace',
      name: 'catalog',
      system: 'catalog',
      outputs: new Map([['product', { topic: golden, codec: goldenCodec }]]),
    });
    const provenance = [{ system: 'plytix', event_id: 'e', ts_ms: 5, attributes: ['code'] }];
    const [record] = sut.encode(
      change({ op: 'c', before: null, after: { code: 'A' }, provenance, vendorId: null, vendorTime: null }),
      { ...context, rulesVersion: 4 },
    );
    expect(goldenCodec.decodeEvent(record!.value!)).toMatchObject({ provenance, rules_version: 4 });
  });

  it('refuses a value that is too large for its topic, naming the record and its size', () => {
    const large = change({ after: { code: 'A', name: 'x'.repeat(2_000) } });
    const size = encoder().encode(large, context)[0]!.value!.length;
    expect(encoder(size).encode(large, context)).toHaveLength(1);
    expect(() => encoder(size - 1).encode(large, context)).toThrow(RecordTooLarge);
    expect(() => encoder(size - 1).encode(large, context)).toThrow(
      `publishing product A: ${size} bytes are too many`,
    );
  });

  it('refuses what cannot be encoded, and an entity without a topic', () => {
    expect(() => encoder().encode(change({ after: { code: 'A', unheard: 'of' } }), context)).toThrow(
      EncodeError,
    );
    expect(() => encoder().encode(change({ entity: 'variant' }), context)).toThrow(
      'encoding a variant: no topic was prepared for it',
    );
  });
});
