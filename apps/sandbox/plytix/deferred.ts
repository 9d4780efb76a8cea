/** Changes that a 202 has promised and that take effect a little later. */
export class Deferred {
  private readonly waiting = new Map<NodeJS.Timeout, () => void>();

  constructor(private readonly delayMs: () => number) {}

  add(change: () => void): void {
    const delay = this.delayMs();
    if (delay <= 0) return change();
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      change();
    }, delay);
    this.waiting.set(timer, change);
  }

  /** Carries everything out now, in the order in which it was promised. */
  flush(): void {
    const changes = [...this.waiting.values()];
    this.drop();
    for (const change of changes) change();
  }

  /** Forgets everything that has not taken effect. */
  drop(): void {
    for (const timer of this.waiting.keys()) clearTimeout(timer);
    this.waiting.clear();
  }
}
