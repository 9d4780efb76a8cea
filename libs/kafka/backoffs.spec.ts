import { Backoffs } from './backoffs';

describe('rests after failures', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('double with each failure in a row, up to half a minute, and begin anew after a success', () => {
    const sut = new Backoffs();
    const waits = Array.from({ length: 10 }, () => sut.begin('topic/0', () => undefined).waitMs);
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    sut.succeeded('topic/0');
    expect(sut.begin('topic/0', () => undefined)).toEqual({ failures: 1, waitMs: 200 });
  });

  test('end by time, or silently when they are cancelled', () => {
    const sut = new Backoffs();
    const over: string[] = [];
    sut.begin('topic/0', () => over.push('topic/0'));
    jest.advanceTimersByTime(199);
    expect([sut.isResting('topic/0'), over]).toEqual([true, []]);
    jest.advanceTimersByTime(1);
    expect([sut.isResting('topic/0'), over]).toEqual([false, ['topic/0']]);
    sut.begin('topic/1', () => over.push('topic/1'));
    sut.cancel();
    jest.runAllTimers();
    expect([sut.isResting('topic/1'), over]).toEqual([false, ['topic/0']]);
  });
});
