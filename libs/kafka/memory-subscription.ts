import type {
  BatchContext,
  BatchHandler,
  ConsumeOptions,
  LogRecord,
  RecordBatch,
  Subscription,
} from './event-log';
import { StaleBatchError } from './faults';
import { placeOf } from './generation';

/** What a subscription needs of the log in memory. */
export interface MemoryTopics {
  partitionsOf(topic: string): number;
  recordsOf(topic: string, partition: number): LogRecord[];
  committedOffset(groupId: string, topic: string, partition: number): bigint | null;
  commitOffset(groupId: string, topic: string, partition: number, offset: bigint): Promise<void>;
}

/** The only member of its group: delivers partition by partition, what failed again and again. */
export class MemorySubscription implements Subscription {
  readonly ended: Promise<void>;
  private end!: () => void;
  private readonly positions = new Map<string, bigint>();
  private readonly paused = new Set<string>();
  /** Seeks so far, by place: each makes the batches before it void. */
  private readonly moves = new Map<string, number>();
  private controller = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly log: MemoryTopics,
    readonly options: ConsumeOptions,
    private readonly handler: BatchHandler,
    private readonly onClose: () => void,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  restart(): void {
    this.controller.abort();
    this.controller = new AbortController();
    for (const { topic, partition, place } of this.places()) {
      const start = this.options.from === 'latest' ? BigInt(this.log.recordsOf(topic, partition).length) : 0n;
      this.positions.set(place, this.log.committedOffset(this.options.groupId, topic, partition) ?? start);
    }
    const assignment = this.options.topics.map((topic): [string, number[]] => [
      topic,
      Array.from({ length: this.log.partitionsOf(topic) }, (_, partition) => partition),
    ]);
    this.options.onAssignment?.(new Map(assignment));
    this.wake();
  }

  /** Delivers what there is, one partition after the other. */
  wake(): void {
    this.loop = this.loop.then(async () => {
      for (const { topic, partition, place } of this.places()) await this.deliver(topic, partition, place);
    });
  }

  pause(topic: string, partitions?: readonly number[]): void {
    for (const place of this.placesOf(topic, partitions)) this.paused.add(place);
  }

  resume(topic: string, partitions?: readonly number[]): void {
    for (const place of this.placesOf(topic, partitions)) this.paused.delete(place);
    this.wake();
  }

  seek(topic: string, partition: number, offset: bigint): void {
    const place = placeOf(topic, partition);
    this.positions.set(place, offset);
    this.moves.set(place, (this.moves.get(place) ?? 0) + 1);
    this.wake();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.controller.abort();
    await this.loop;
    this.onClose();
    this.options.onAssignment?.(new Map());
    this.end();
  }

  private places(): { topic: string; partition: number; place: string }[] {
    return this.options.topics.flatMap((topic) =>
      Array.from({ length: this.log.partitionsOf(topic) }, (_, partition) => ({
        topic,
        partition,
        place: placeOf(topic, partition),
      })),
    );
  }

  private placesOf(topic: string, partitions?: readonly number[]): string[] {
    const wanted = this.places().filter((place) => place.topic === topic);
    return wanted.filter((own) => partitions?.includes(own.partition) ?? true).map(({ place }) => place);
  }

  private async deliver(topic: string, partition: number, place: string): Promise<void> {
    while (!this.closed && !this.paused.has(place)) {
      const position = this.positions.get(place) ?? 0n;
      const records = this.log.recordsOf(topic, partition).slice(Number(position));
      if (records.length === 0) return;
      const nextOffset = position + BigInt(records.length);
      const batch: RecordBatch = { topic, partition, records, nextOffset, endOffset: nextOffset };
      const context = this.contextOf(topic, partition, place);
      try {
        await this.handler(batch, context);
      } catch {
        // As the real log does: the same offset again. A macrotask between, so that a test can step in.
        await new Promise(setImmediate);
        continue;
      }
      if (!context.isStale()) this.positions.set(place, nextOffset);
    }
  }

  private contextOf(topic: string, partition: number, place: string): BatchContext {
    const { signal } = this.controller;
    const controller = this.controller;
    const moves = this.moves.get(place);
    const isStale = (): boolean => controller !== this.controller || this.moves.get(place) !== moves;
    return {
      signal,
      isStale,
      heartbeat: async () => {
        if (isStale())
          throw new StaleBatchError('sending a heartbeat: the partition was taken away or moved');
      },
      commit: async (nextOffset) => {
        if (isStale()) throw new StaleBatchError('committing: the partition was taken away or moved');
        await this.log.commitOffset(this.options.groupId, topic, partition, nextOffset);
      },
    };
  }
}
