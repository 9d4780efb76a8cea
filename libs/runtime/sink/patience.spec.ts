import { pino } from 'pino';
import { configFault, transientFault } from '#connector-sdk';
import { Patience, faultOf } from './patience';

/** Patience on a clock that only waiting moves, and what it logged. */
function patient() {
  const lines: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const stop = new AbortController();
  const waits: number[] = [];
  let nowMs = 0;
  const sut = new Patience(
    logger,
    stop.signal,
    async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    },
    () => nowMs,
  );
  return { sut, stop, waits, lines, said: () => lines.map(({ level, msg }) => [level, msg]) };
}

/** Work that fails so many times. */
const failing = (times: number, error: () => Error) => {
  let attempts = 0;
  return async () => {
    attempts += 1;
    if (attempts <= times) throw error();
    return attempts;
  };
};

const WARN = 40;
const ERROR = 50;
const INFO = 30;

describe('Patience', () => {
  it('says nothing when all goes well', async () => {
    const { sut, lines } = patient();
    await expect(sut.until(async () => 'done')).resolves.toBe('done');
    expect(lines).toEqual([]);
  });

  it('waits longer each time, warns once, and tells when it is over', async () => {
    const { sut, waits, said } = patient();
    await expect(sut.until(failing(4, () => transientFault('x', 'writing: no')))).resolves.toBe(5);
    for (const [i, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(50 * 2 ** i);
      expect(ms).toBeLessThanOrEqual(100 * 2 ** i);
    }
    expect(said()).toEqual([
      [WARN, 'writing: no; it is tried again, nothing is lost'],
      [INFO, expect.stringMatching(/^going on after \d+\.\d s: writing: no is over$/)],
    ]);
    expect(sut.trouble).toBeNull();
  });

  it('asks somebody to act where waiting does not help, looks again all the same, and reminds', async () => {
    const { sut, waits, said } = patient();
    await sut.until(failing(8, () => configFault('x', 'writing: no table')));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    const told = said().filter(([level]) => level === ERROR);
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThan(8);
  });

  it('waits as long as the target asked for', async () => {
    const { sut, waits } = patient();
    await sut.until(failing(1, () => transientFault('x', 'writing: no', { retryAfterMs: 7_000 })));
    expect(waits).toEqual([7_000]);
  });

  it('stops when it is told to', async () => {
    const { sut, stop } = patient();
    const work = async () => {
      stop.abort();
      throw transientFault('x', 'writing: no');
    };
    await expect(sut.until(work)).rejects.toThrow('aborted');
    await expect(sut.until(async () => 1)).rejects.toThrow('aborted');
  });

  it('knows a hub database that restarts from a mistake of our own', () => {
    expect(faultOf(Object.assign(new Error('x'), { code: '57P03' })).kind).toBe('transient');
    expect(faultOf(new TypeError('x is not a function')).kind).toBe('system');
  });
});
