import fc from 'fast-check';
import type { ProducerRecord } from './event-log';
import { recordBytes, splitRecords } from './split-records';

const record = (partition: number, size: number, topic = 'topic'): ProducerRecord => ({
  topic,
  partition,
  key: null,
  value: Buffer.alloc(size),
  headers: {},
  timestampMs: 0,
});

describe('splitting records into requests', () => {
  test('nothing is lost, order is kept, and no record batch is too large', () => {
    const records = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1_500 })));
    fc.assert(
      fc.property(records, (pairs) => {
        const all = pairs.map(([partition, size]) => record(partition, size));
        const requests = splitRecords(all, 1_000, 2_500);
        expect(requests.flat()).toEqual(all);
        for (const request of requests) {
          expect(request.length).toBeGreaterThan(0);
          for (const partition of new Set(request.map((one) => one.partition))) {
            const batch = request.filter((one) => one.partition === partition);
            const bytes = batch.reduce((sum, one) => sum + recordBytes(one), 0);
            expect(bytes <= 1_000 || batch.length === 1).toBe(true);
          }
        }
      }),
    );
  });

  test('partitions share a request, for each has a record batch of its own', () => {
    const all = [record(0, 800), record(1, 800), record(0, 800, 'other')];
    expect(splitRecords(all, 1_000, 10_000)).toEqual([all]);
  });

  test('the size counts key, value and headers by bytes, not characters', () => {
    const plain = record(0, 10);
    const withHeader = { ...plain, key: Buffer.alloc(3), headers: { ä: 'öö' } };
    expect(recordBytes(withHeader) - recordBytes(plain)).toBe(3 + 10 + 2 + 4);
  });
});
