import fc from 'fast-check';
import { CollapsingBuffer, versionOf } from './collapse';
import type { IncomingRecord } from './collapse';
import { OffsetTracker } from './offset-tracker';

const HUBS = ['a', 'b', 'c'].map((c) => `${c.repeat(8)}-0000-4000-8000-000000000000`);
const span = new OffsetTracker().begin(0n);

function incoming(
  hubId: string,
  version: number,
  value: string | null = `v${version}`,
  offset = 0,
): IncomingRecord {
  return {
    topic: 't',
    partition: 0,
    entity: 'product',
    record: {
      key: Buffer.from('k'),
      value: value === null ? null : Buffer.from(value),
      headers: {},
      offset: BigInt(offset),
      timestampMs: 0,
    },
    identity: { hubId, productId: hubId, version, ceId: 'x' },
    span,
  };
}

const shapeOf = (records: readonly IncomingRecord[]) =>
  records.map((record) => `${versionOf(record)}${record.record.value === null ? ' tombstone' : ''}`);

/** What the buffer makes of records that arrive in this order. */
const outcome = (records: readonly { hub: string; version: number; tombstone: boolean }[]) => {
  const sut = new CollapsingBuffer();
  for (const { hub, version, tombstone } of records) sut.add(incoming(hub, version, tombstone ? null : 'v'));
  const taken = sut.take(100);
  const entries = taken.map(({ candidates }) =>
    [candidates[0]!.identity!.hubId, ...shapeOf(candidates)].join(),
  );
  return { entries: entries.sort(), spans: taken.flatMap(({ spans }) => spans).length };
};

describe('CollapsingBuffer', () => {
  it('tries the highest version first, whatever came last', () => {
    const sut = new CollapsingBuffer();
    for (const version of [5, 7, 6]) sut.add(incoming(HUBS[0]!, version));
    const [only, ...rest] = sut.take(10);
    expect(rest).toEqual([]);
    expect(shapeOf(only!.candidates)).toEqual(['7', '6', '5']);
    expect(only!.spans).toHaveLength(3);
  });

  it('counts a repeated record, but does not try it twice', () => {
    const sut = new CollapsingBuffer();
    sut.add(incoming(HUBS[0]!, 5));
    sut.add(incoming(HUBS[0]!, 5));
    const [only] = sut.take(10);
    expect(shapeOf(only!.candidates)).toEqual(['5']);
    expect(only!.spans).toHaveLength(2);
  });

  it('takes a delete before its tombstone, and a tombstone alone as well', () => {
    const sut = new CollapsingBuffer();
    sut.add(incoming(HUBS[0]!, 7, null));
    sut.add(incoming(HUBS[0]!, 7, 'd'));
    sut.add(incoming(HUBS[0]!, 6));
    sut.add(incoming(HUBS[1]!, 3, null));
    const [both, alone] = sut.take(10);
    expect(shapeOf(both!.candidates)).toEqual(['7', '7 tombstone', '6']);
    expect(shapeOf(alone!.candidates)).toEqual(['3 tombstone']);
  });

  it('keeps one entity apart from another with the same id, and foreign records from each other', () => {
    const sut = new CollapsingBuffer();
    sut.add(incoming(HUBS[0]!, 1));
    sut.add({ ...incoming(HUBS[0]!, 1), entity: 'variant' });
    sut.add({ ...incoming(HUBS[0]!, 1, 'x', 8), identity: null });
    sut.add({ ...incoming(HUBS[0]!, 1, 'x', 9), identity: null });
    expect(sut.size).toBe(4);
  });

  it('takes what waits longest first', () => {
    const sut = new CollapsingBuffer();
    for (const hub of HUBS) sut.add(incoming(hub, 1));
    sut.add(incoming(HUBS[0]!, 2));
    const taken = sut.take(2).map(({ candidates }) => candidates[0]!.identity!.hubId);
    expect(taken).toEqual(HUBS.slice(0, 2));
    expect(sut.size).toBe(1);
  });

  it('gives the same candidates for every order of arrival', () => {
    const record = fc.record({
      hub: fc.constantFrom(...HUBS),
      version: fc.integer({ min: 1, max: 5 }),
      tombstone: fc.boolean(),
    });
    const shuffled = fc
      .array(record, { maxLength: 30 })
      .chain((records) =>
        fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
      );
    fc.assert(fc.property(shuffled, ([one, other]) => expect(outcome(other)).toEqual(outcome(one))));
  });
});
