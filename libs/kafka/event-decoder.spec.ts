import { TopicCodec, TopicNames, defaultSchemasDir, loadSchemas, recordHeaders } from '#contracts';
import type { ChangeEvent } from '#contracts';
import { EventDecoder, decodingCodecs } from './event-decoder';
import type { LogRecord } from './event-log';
import { RegistryFault } from './registry-http';

const names = new TopicNames('millrace');
const topic = names.source('plytix', 'product');
const schemas = loadSchemas(defaultSchemasDir());
const writer = new TopicCodec(schemas, topic, names.parse(topic)!, { key: 11, value: 12 });
const hubId = '0193e4c5-0000-7000-8000-000000000001';

const event: ChangeEvent = {
  before: null,
  after: {
    hub_id: hubId,
    product_id: hubId,
    version: 3,
    attributes: { code: 'ST-1042', name: 'Linen Shirt' },
  },
  source: {
    version: '0.1.0',
    connector: 'plytix',
    name: 'millrace',
    ts_ms: 1_764_061_470_000,
    snapshot: 'false',
    db: '',
    sequence: '3',
    ts_us: null,
    ts_ns: null,
    system: 'plytix',
    entity: 'product',
    vendor_id: 'v1',
    vendor_time: null,
    supplied: ['code', 'name'],
    echo: false,
  },
  op: 'c',
  ts_ms: 1_764_061_471_207,
};

function logRecord(overrides: Partial<LogRecord> = {}): LogRecord {
  const key = { code: 'ST-1042' };
  const keyBytes = writer.encodeKey(key);
  const headers = recordHeaders({
    topic,
    entity: 'product',
    hubId,
    productId: hubId,
    version: 3,
    keyBytes,
    key,
    op: 'c',
    timestampMs: event.ts_ms,
  });
  return {
    key: keyBytes,
    value: writer.encodeEvent(event),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)])),
    offset: 5n,
    timestampMs: event.ts_ms,
    ...overrides,
  };
}

/** A registry that knows the writer's two schemas and counts questions. */
function newRegistry() {
  const asked: number[] = [];
  const known = new Map([
    [11, writer.keySchema],
    [12, writer.valueSchema],
  ]);
  return {
    asked,
    schemaById: async (id: number): Promise<string> => {
      asked.push(id);
      const schema = known.get(id);
      if (schema !== undefined) return schema;
      throw new RegistryFault('config', `reading schema ${id}: no such id`, 'registry_not_found', 404);
    },
  };
}

const newDecoder = (registry = newRegistry()): EventDecoder =>
  new EventDecoder(registry, decodingCodecs(schemas, names));

describe('event decoder', () => {
  test('a record gives key, event and identity', async () => {
    const record = logRecord();
    const [result] = await newDecoder().decodeBatch({ topic, records: [record] });
    expect(result).toMatchObject({
      ok: true,
      record,
      entity: 'product',
      key: { code: 'ST-1042' },
      event: { op: 'c', after: { version: 3, attributes: { code: 'ST-1042', name: 'Linen Shirt' } } },
      identity: { hubId, productId: hubId, version: 3 },
    });
  });

  test('a tombstone gives no event, but says who it is about', async () => {
    const [result] = await newDecoder().decodeBatch({ topic, records: [logRecord({ value: null })] });
    expect(result).toMatchObject({ ok: true, event: null, identity: { hubId, version: 3 } });
  });

  test('the registry is asked once for each schema', async () => {
    const registry = newRegistry();
    const sut = newDecoder(registry);
    await sut.decodeBatch({ topic, records: [logRecord(), logRecord()] });
    await sut.decodeBatch({ topic, records: [logRecord()] });
    expect(registry.asked.sort()).toEqual([11, 12]);
  });

  test('what does not decode is a value in its place, with the stage and the reason', async () => {
    const unknownId = Buffer.from([0, 0, 0, 0, 99, 1]);
    const truncated = logRecord().value!.subarray(0, 12);
    const results = await newDecoder().decodeBatch({
      topic,
      records: [
        logRecord({ value: Buffer.from('{"json": true}') }),
        logRecord({ value: unknownId }),
        logRecord({ value: truncated }),
        logRecord({ key: null }),
        logRecord({ headers: {} }),
        logRecord(),
      ],
    });
    const seen = results.map((result) => (result.ok ? 'ok' : `${result.stage}: ${result.reason}`));
    expect(seen).toEqual([
      expect.stringMatching(/^VALUE_CONVERTER: .*first byte/),
      expect.stringMatching(/^VALUE_CONVERTER: reading schema 99: no such id/),
      expect.stringMatching(/^VALUE_CONVERTER: /),
      'KEY_CONVERTER: reading the key: there is none',
      expect.stringMatching(/^HEADER_CONVERTER: /),
      'ok',
    ]);
    expect(results[1]).toMatchObject({ identity: { hubId, version: 3 } });
  });

  test('a registry that does not answer is no fault of the record: the batch must come again', async () => {
    const away = new RegistryFault('transient', 'reading schema 11: no answer', 'registry_unreachable', 0);
    const sut = new EventDecoder({ schemaById: () => Promise.reject(away) }, decodingCodecs(schemas, names));
    await expect(sut.decodeBatch({ topic, records: [logRecord()] })).rejects.toBe(away);
  });

  test('a topic of somebody else is refused', async () => {
    await expect(newDecoder().decodeBatch({ topic: 'orders', records: [] })).rejects.toMatchObject({
      kind: 'config',
    });
  });
});
