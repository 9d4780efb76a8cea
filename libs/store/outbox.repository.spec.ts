import fc from 'fast-check';
import type { EncodedRecord } from '#contracts';
import { packRecords, unpackRecords } from './outbox.repository';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const headerName = fc.constantFrom('millrace-version', 'millrace-id', 'ce_id', '__debezium.newkey');

const record: fc.Arbitrary<EncodedRecord> = fc.record({
  topic: fc.string({ unit: 'grapheme' }),
  partition: fc.nat(),
  key: bytes,
  value: fc.option(bytes),
  headers: fc.dictionary(headerName, fc.oneof(fc.string({ unit: 'grapheme' }), bytes), {
    noNullPrototype: true,
  }),
  timestampMs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe('an outbox row', () => {
  it('gives back every record that was packed into it, in order, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        expect(unpackRecords(packRecords(records))).toEqual(records);
      }),
    );
  });

  it('tells a tombstone from an empty value', () => {
    const shared = { topic: 't', partition: 0, key: Buffer.from('k'), headers: {}, timestampMs: 1 };
    const unpacked = unpackRecords(
      packRecords([
        { ...shared, value: null },
        { ...shared, value: Buffer.alloc(0) },
      ]),
    );
    expect(unpacked.map(({ value }) => value?.length ?? null)).toEqual([null, 0]);
  });

  it('tells a header of text from one of bytes', () => {
    const headers = { text: '7', bytes: Buffer.from('7') };
    const [unpacked] = unpackRecords(
      packRecords([
        { topic: 't', partition: 0, key: Buffer.from('k'), value: null, headers, timestampMs: 1 },
      ]),
    );
    expect(unpacked?.headers).toEqual(headers);
  });
});
