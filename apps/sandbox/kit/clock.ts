/** The time of a sandbox. It follows the machine's clock until a test shifts or stops it. */
export class SandboxClock {
  private offsetMs = 0;
  private frozenAt: number | null = null;

  constructor(private readonly machine: () => number = Date.now) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return this.frozenAt ?? this.machine() + this.offsetMs;
  }

  /** From now on the clock goes `offsetMs` ahead of the machine's (behind it, if negative). */
  shift(offsetMs: number): void {
    this.frozenAt = null;
    this.offsetMs = offsetMs;
  }

  /** The clock stands still at this time, so that many writes share one time stamp. */
  freeze(atMs: number): void {
    this.frozenAt = atMs;
  }

  /** The machine's clock again. */
  reset(): void {
    this.shift(0);
  }

  describe(): { now: string; offset_ms: number; frozen: boolean } {
    return {
      now: new Date(this.now()).toISOString(),
      offset_ms: this.offsetMs,
      frozen: this.frozenAt !== null,
    };
  }
}
