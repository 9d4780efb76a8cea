import { RateBudget } from './budget';

/** A budget on a clock that only waiting moves; `waits` are the waits in milliseconds. */
const setUp = (windows: { limit: number; windowMs: number }[]) => {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  const longWaits: number[] = [];
  const sut = new RateBudget({
    windows,
    now: () => nowMs,
    sleep: (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    onLongWait: (ms) => longWaits.push(ms),
  });
  return { sut, waits, longWaits, now: () => nowMs };
};

const never = new AbortController().signal;

describe('RateBudget', () => {
  it('never lets more calls pass than any of its windows allows', async () => {
    const { sut, now } = setUp([
      { limit: 3, windowMs: 1_000 },
      { limit: 5, windowMs: 60_000 },
    ]);
    const times: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      await sut.take(never);
      times.push(now());
    }
    for (const [limit, windowMs] of [
      [3, 1_000],
      [5, 60_000],
    ] as const) {
      for (const at of times) {
        expect(times.filter((time) => time > at - windowMs && time <= at).length).toBeLessThanOrEqual(limit);
      }
    }
  });

  it('lets calls pass without waiting when there are no windows', async () => {
    const { sut, waits } = setUp([]);
    for (let n = 0; n < 1_000; n += 1) await sut.take(never);
    expect(waits).toEqual([]);
  });

  it('makes all calls wait as long as the vendor asked', async () => {
    const { sut, waits } = setUp([{ limit: 100, windowMs: 10_000 }]);
    expect(sut.refused(7_000)).toBe(7_000);
    await sut.take(never);
    expect(waits).toEqual([7_000]);
  });

  it('waits longer with each unexplained refusal, and for the longest window after three', async () => {
    const { sut } = setUp([{ limit: 100, windowMs: 3_600_000 }]);
    await sut.take(never);
    expect([sut.refused(), sut.refused(), sut.refused()]).toEqual([1_000, 2_000, 4_000]);
    expect(sut.refused()).toBeGreaterThan(3_500_000);
    sut.accepted();
    expect(sut.refused()).toBe(1_000);
  });

  it('tells once that a wait is long', async () => {
    const { sut, longWaits } = setUp([{ limit: 1, windowMs: 60_000 }]);
    await sut.take(never);
    await sut.take(never);
    expect(longWaits).toHaveLength(1);
  });

  it('ends waiting when the connector is stopped', async () => {
    const sut = new RateBudget({ windows: [{ limit: 1, windowMs: 60_000 }], now: () => 0 });
    const controller = new AbortController();
    await sut.take(controller.signal);
    const waiting = sut.take(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('counts the calls of each window', async () => {
    const { sut } = setUp([{ limit: 5, windowMs: 1_000 }]);
    await sut.take(never);
    await sut.take(never);
    expect(sut.usage()).toEqual([{ limit: 5, windowMs: 1_000, used: 2 }]);
  });
});
