/** Counts calls by method and route, so that a test can say how many calls a client needed. */
export class CallCounter {
  private readonly counts = new Map<string, number>();

  count(label: string): void {
    this.counts.set(label, (this.counts.get(label) ?? 0) + 1);
  }

  /** Counts by label, sorted by label, with their sum. */
  report(): { total: number; calls: Record<string, number> } {
    const entries = [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      total: entries.reduce((sum, [, count]) => sum + count, 0),
      calls: Object.fromEntries(entries),
    };
  }

  clear(): void {
    this.counts.clear();
  }
}
