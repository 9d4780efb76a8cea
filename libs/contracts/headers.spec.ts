import { ceId, readRecordHeaders, recordHeaders } from './index';

const HUB = '0191b0a2-7c3e-7d4b-8a55-0123456789ab';
const key = Buffer.from('ST-1042');
const topic = 'millrace.plytix.product';
const fields = {
  topic,
  entity: 'variant',
  hubId: HUB,
  productId: 'aaaaaaaa-7c3e-7d4b-8a55-0123456789ab',
  version: 7,
  keyBytes: key,
  key: { product: 'ST-1042', sku: 'ST-1042-M' },
  op: 'u',
  timestampMs: 1_764_061_471_207,
} as const;

describe('ceId', () => {
  it('is a SHA-256 over the parts with their lengths, cut to 32 hex digits', () => {
    // computed with Python's hashlib over "23:millrace.plytix.product" "36:…" "7:ST-1042" "1:7"
    expect(ceId({ topic, hubId: HUB, key, version: 7 })).toBe('b80c1063aa502c7d4e69a6266bc5082a');
  });

  it('differs when any part differs, also when parts run together', () => {
    const base = { topic, hubId: HUB, key, version: 7 };
    const ids = [
      base,
      { ...base, topic: `${topic}s` },
      { ...base, hubId: fields.productId },
      { ...base, key: Buffer.from('ST-104') },
      { ...base, version: 8 },
      { ...base, key: Buffer.from('ST-10421'), version: 7 },
      { ...base, key: Buffer.from('ST-104'), version: 27 },
    ].map(ceId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('recordHeaders', () => {
  const sut = recordHeaders(fields);

  it('carries identity, version and CloudEvents in binary mode', () => {
    expect(sut).toEqual({
      'millrace-version': Buffer.from('0000000000000007', 'hex'),
      'millrace-id': HUB,
      'millrace-product-id': fields.productId,
      ce_id: ceId({ topic, hubId: HUB, key, version: 7 }),
      ce_source: '/millrace/plytix/product',
      ce_specversion: '1.0',
      ce_type: 'millrace.variant.updated',
      ce_time: '2025-11-25T09:04:31.207Z',
      ce_subject: 'ST-1042/ST-1042-M',
      'content-type': 'application/avro',
    });
  });

  it.each([
    ['r', 'read'],
    ['c', 'created'],
    ['u', 'updated'],
    ['d', 'deleted'],
  ] as const)('calls op %s %s', (op, word) => {
    expect(recordHeaders({ ...fields, op })['ce_type']).toBe(`millrace.variant.${word}`);
  });

  it('adds what only some records have', () => {
    const given = {
      traceparent: '00-a-b-01',
      newKey: Buffer.from('new'),
      oldKey: Buffer.from('old'),
      replay: 'r-19',
    };
    expect(recordHeaders({ ...fields, ...given })).toEqual({
      ...sut,
      traceparent: '00-a-b-01',
      '__debezium.newkey': Buffer.from('new'),
      '__debezium.oldkey': Buffer.from('old'),
      'millrace-replay': 'r-19',
    });
  });

  it.each([0, -1, 1.5, 2 ** 53])('refuses the version %p', (version) => {
    expect(() => recordHeaders({ ...fields, version })).toThrow(`${version} is not a version`);
  });
});

describe('readRecordHeaders', () => {
  const written = recordHeaders({ ...fields, version: Number.MAX_SAFE_INTEGER });
  const asBuffers = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, Buffer.from(value)]),
  );

  it('reads back what was written, as text or as bytes', () => {
    const expected = {
      hubId: HUB,
      productId: fields.productId,
      version: Number.MAX_SAFE_INTEGER,
      ceId: written['ce_id'],
    };
    expect(readRecordHeaders(written)).toEqual(expected);
    expect(readRecordHeaders(asBuffers)).toEqual(expected);
  });

  it.each(['millrace-version', 'millrace-id', 'millrace-product-id', 'ce_id'])(
    'gives null when %s is not there',
    (name) => {
      expect(readRecordHeaders({ ...asBuffers, [name]: undefined })).toBeNull();
    },
  );

  it('gives null for a version that is none', () => {
    const bad = [Buffer.alloc(7), Buffer.alloc(8), Buffer.from('ffffffffffffffff', 'hex'), '7'];
    for (const version of bad) {
      expect(readRecordHeaders({ ...asBuffers, 'millrace-version': version })).toBeNull();
    }
  });
});
