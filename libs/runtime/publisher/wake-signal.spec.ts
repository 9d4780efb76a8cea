import { WakeSignal } from './wake-signal';

/** Whether a promise is resolved by now. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
}

describe('WakeSignal', () => {
  it('makes its caller wait until it is woken', async () => {
    const sut = new WakeSignal();
    const waiting = sut.next();
    expect(await isResolved(waiting)).toBe(false);
    sut.wake();
    expect(await isResolved(waiting)).toBe(true);
  });

  it('keeps a signal that comes while nobody waits', async () => {
    const sut = new WakeSignal();
    sut.wake();
    expect(await isResolved(sut.next())).toBe(true);
  });

  it('keeps one signal, not several', async () => {
    const sut = new WakeSignal();
    sut.wake();
    sut.wake();
    await sut.next();
    expect(await isResolved(sut.next())).toBe(false);
  });

  it('wakes all who wait, and keeps nothing for those who come later', async () => {
    const sut = new WakeSignal();
    const waiting = [sut.next(), sut.next()];
    sut.wake();
    await Promise.all(waiting);
    expect(await isResolved(sut.next())).toBe(false);
  });
});
