const FIRST_MS = 200;
const LONGEST_MS = 30_000;

/** 200 ms after the first failure, twice as long after each further one, up to half a minute. */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (Math.max(failures, 1) - 1), LONGEST_MS);
}

/** The partitions whose handler has failed, and that rest for a while before they are read again. */
export class Backoffs {
  private readonly failures = new Map<string, number>();
  private readonly timers = new Map<string, NodeJS.Timeout>();

  /** Calls `onOver` when the rest is over. `failures` counts those in a row. */
  begin(place: string, onOver: () => void): { failures: number; waitMs: number } {
    const failures = (this.failures.get(place) ?? 0) + 1;
    const waitMs = backoffMs(failures);
    this.failures.set(place, failures);
    clearTimeout(this.timers.get(place));
    const timer = setTimeout(() => {
      this.timers.delete(place);
      onOver();
    }, waitMs);
    this.timers.set(place, timer);
    return { failures, waitMs };
  }

  isResting(place: string): boolean {
    return this.timers.has(place);
  }

  succeeded(place: string): void {
    this.failures.delete(place);
  }

  /** Ends all rests at once, without a call. */
  cancel(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
