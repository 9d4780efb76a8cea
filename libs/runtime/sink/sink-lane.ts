import { CollapsingBuffer, bytesOf } from './collapse';
import type { CollapsedRecord, IncomingRecord } from './collapse';

export interface LaneLimits {
  /** Records of the target in one flush at most. */
  flushRows: number;
  /** Records that may wait or be on their way; above, `hasRoom` is false. */
  maxRecords: number;
  /** The same in bytes. */
  maxBytes: number;
}

/**
 * One connection's worth of writing. A lane that is free flushes at once what there is; while it is busy more
 * gathers and collapses. So a lone change waits for nothing, and batches grow with the load by themselves.
 * Flushes follow one another, so records of one partition are written in their order.
 */
export class SinkLane {
  private readonly buffer = new CollapsingBuffer();
  private running: Promise<void> | null = null;
  private waiters: (() => void)[] = [];
  private records = 0;
  private bytes = 0;

  /** @param flush resolves when the records are dealt with; rejects only when it was told to stop. */
  constructor(
    private readonly flush: (records: readonly CollapsedRecord[]) => Promise<void>,
    private readonly limits: LaneLimits,
  ) {}

  /** Records that wait or are being written. */
  get waiting(): number {
    return this.records;
  }

  get hasRoom(): boolean {
    return this.records < this.limits.maxRecords && this.bytes < this.limits.maxBytes;
  }

  add(incoming: IncomingRecord): void {
    this.buffer.add(incoming);
    this.records += 1;
    this.bytes += bytesOf(incoming);
    this.running ??= this.run();
  }

  /** Resolves after the next flush, or after `timeoutMs`. */
  async room(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiters.push(resolve);
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
  }

  /** Resolves when nothing waits any more, or when flushing was stopped. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async run(): Promise<void> {
    // Whoever adds goes on with its batch first: the flush takes all of it, not its first record.
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      while (this.buffer.size > 0) await this.flushOnce();
    } catch {
      // Stopped. What was not written was not committed either, and will be read again.
    } finally {
      this.running = null;
      this.wakeWaiters();
    }
  }

  private async flushOnce(): Promise<void> {
    const taken = this.buffer.take(this.limits.flushRows);
    try {
      await this.flush(taken);
      for (const span of taken.flatMap(({ spans }) => spans)) span.release();
    } finally {
      this.records -= taken.reduce((sum, { spans }) => sum + spans.length, 0);
      this.bytes -= taken.reduce((sum, { bytes }) => sum + bytes, 0);
      this.wakeWaiters();
    }
  }

  private wakeWaiters(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}
