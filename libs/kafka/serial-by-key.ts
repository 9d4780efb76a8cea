/** Runs work of one key in the order of the calls, one at a time; different keys do not wait for each other. */
export class SerialByKey {
  private readonly tails = new Map<string, Promise<void>>();

  /** Settles as `work` does. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = this.idle(key).then(work);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }

  /** Resolves when all that was called for the key so far has ended. */
  idle(key: string): Promise<void> {
    return this.tails.get(key) ?? Promise.resolve();
  }

  /** Resolves when all that was called so far has ended. */
  async allIdle(): Promise<void> {
    await Promise.all(this.tails.values());
  }
}
