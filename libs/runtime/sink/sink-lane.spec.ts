import type { CollapsedRecord, IncomingRecord } from './collapse';
import { OffsetTracker } from './offset-tracker';
import { TOPIC, hub, record } from './sink-doubles';
import { SinkLane } from './sink-lane';

const LIMITS = { flushRows: 10, maxRecords: 100, maxBytes: 1_000_000 };

function incoming(number: number, version = 1): IncomingRecord {
  const identity = { hubId: hub(number), productId: hub(number), version, ceId: 'x' };
  const span = new OffsetTracker().begin(1n);
  return {
    topic: TOPIC,
    partition: 0,
    entity: 'product',
    record: record(0, { hub: number, version }),
    identity,
    span,
  };
}

/** A lane whose flushes wait until they are let go. */
function heldLane(limits: Partial<typeof LIMITS> = {}) {
  const flushes: (readonly CollapsedRecord[])[] = [];
  const letGo: (() => void)[] = [];
  const sut = new SinkLane(
    (records) =>
      new Promise((resolve) => {
        flushes.push(records);
        letGo.push(resolve);
      }),
    { ...LIMITS, ...limits },
  );
  return { sut, flushes, letGo };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('SinkLane', () => {
  it('flushes all that was added in one go at once', async () => {
    const { sut, flushes, letGo } = heldLane();
    for (const number of [1, 2, 3]) sut.add(incoming(number));
    await turn();
    expect(flushes.map((records) => records.length)).toEqual([3]);
    letGo[0]!();
    await sut.idle();
    expect(sut.waiting).toBe(0);
  });

  it('gathers and collapses while it is busy, and flushes one after the other', async () => {
    const { sut, flushes, letGo } = heldLane();
    sut.add(incoming(1));
    await turn();
    for (const version of [2, 3, 4]) sut.add(incoming(1, version));
    await turn();
    expect(flushes).toHaveLength(1);
    letGo[0]!();
    await turn();
    expect(flushes).toHaveLength(2);
    expect(flushes[1]!.map(({ candidates }) => candidates[0]!.identity!.version)).toEqual([4]);
    letGo[1]!();
    await sut.idle();
  });

  it('bounds a flush by rows, and what waits by records and by bytes', async () => {
    const { sut, flushes, letGo } = heldLane({ flushRows: 2, maxRecords: 3 });
    for (const number of [1, 2, 3]) sut.add(incoming(number));
    expect(sut.hasRoom).toBe(false);
    await turn();
    expect(flushes[0]).toHaveLength(2);
    const room = sut.room(60_000);
    letGo[0]!();
    await room;
    expect([sut.waiting, sut.hasRoom]).toEqual([1, true]);
    const narrow = heldLane({ maxBytes: 100 });
    narrow.sut.add(incoming(1));
    expect(narrow.sut.hasRoom).toBe(false);
  });

  it('releases no offsets of a flush that was stopped', async () => {
    const sut = new SinkLane(() => Promise.reject(new Error('stopped')), LIMITS);
    const one = incoming(1);
    sut.add(one);
    await sut.idle();
    expect(one.span.isDone).toBe(false);
    expect(sut.waiting).toBe(0);
  });
});
