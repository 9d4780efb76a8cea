/**
 * Wakes whoever waits for the next commit. A signal that comes while nobody waits is kept for the next one,
 * so that none is lost between "nothing there" and "wait".
 */
export class WakeSignal {
  private pending = false;
  private waiters: (() => void)[] = [];

  /** Resolves at the next `wake`, or at once if there was one since the last `next`. */
  next(): Promise<void> {
    if (this.pending) {
      this.pending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  wake(): void {
    const waiters = this.waiters.splice(0);
    if (waiters.length === 0) this.pending = true;
    for (const waiter of waiters) waiter();
  }
}
