/** Offsets of one partition that are wanted: from `start`, and below `end` unless that is null. */
export interface Range {
  start: bigint;
  end: bigint | null;
}

/** Which offsets of a topic are wanted, and whether all of them have been passed. */
export class Ranges {
  private readonly open: Set<number>;

  constructor(private readonly partitions: ReadonlyMap<number, Range>) {
    const wanted = [...partitions].filter(([, { start, end }]) => end === null || start < end);
    this.open = new Set(wanted.map(([partition]) => partition));
  }

  isWanted(partition: number, offset: bigint): boolean {
    const range = this.partitions.get(partition);
    return range !== undefined && offset >= range.start && (range.end === null || offset < range.end);
  }

  /** Tells that everything before `nextOffset` has been read. */
  reached(partition: number, nextOffset: bigint): void {
    const end = this.partitions.get(partition)?.end ?? null;
    if (end !== null && nextOffset >= end) this.open.delete(partition);
  }

  /** True when nothing that is wanted can come any more. */
  isDone(): boolean {
    return this.open.size === 0;
  }

  starts(): [partition: number, offset: bigint][] {
    return [...this.partitions].map(([partition, { start }]) => [partition, start]);
  }
}
