import type {
  BatchContext,
  BatchHandler,
  ConsumeOptions,
  EventLog,
  GroupLag,
  LogAdmin,
  LogProducer,
  LogRecord,
  LogTransaction,
  ProducerRecord,
  RecordBatch,
  Subscription,
  TopicSpec,
  TransactionalProducer,
} from './event-log';
import { KafkaConfigError, ProducerFencedError, StaleBatchError } from './faults';
import { placeOf } from './generation';

/** What {@link MemoryEventLog.failNext} can make fail. */
export type MemoryOperation = 'send' | 'begin' | 'commit' | 'abort' | 'fence' | 'commitOffset' | 'consume';

/**
 * An event log in memory, for tests of pure logic only: it keeps order, offsets, groups, transactions and
 * fencing, but knows no network, no time-outs and no sharing of partitions. Whoever tests delivery
 * guarantees uses a real broker.
 */
export class MemoryEventLog implements EventLog {
  private readonly partitions = new Map<string, LogRecord[]>();
  private readonly counts = new Map<string, number>();
  private readonly committed = new Map<string, Map<string, bigint>>();
  private readonly epochs = new Map<string, number>();
  private readonly failures: { operation: MemoryOperation; error: Error; takesEffect: boolean }[] = [];
  private readonly subscriptions = new Set<MemorySubscription>();

  /**
   * The next call of the operation rejects with `error`. With `takesEffect` it has worked nevertheless: an
   * answer that was lost.
   */
  failNext(operation: MemoryOperation, error: Error, takesEffect = false): void {
    this.failures.push({ operation, error, takesEffect });
  }

  /** All records of a topic, partition by partition. */
  records(topic: string): readonly (LogRecord & { partition: number })[] {
    return Array.from({ length: this.partitionsOf(topic) }, (_, partition) =>
      this.recordsOf(topic, partition).map((record) => ({ ...record, partition })),
    ).flat();
  }

  /** The next offset that a group would read, or null. */
  committedOffset(groupId: string, topic: string, partition: number): bigint | null {
    return this.committed.get(groupId)?.get(placeOf(topic, partition)) ?? null;
  }

  /** Makes batches in flight stale, and reads on from committed offsets, as after a rebalance. */
  rebalance(groupId: string): void {
    for (const subscription of this.subscriptions) {
      if (subscription.options.groupId === groupId) subscription.restart();
    }
  }

  async consume(options: ConsumeOptions, handler: BatchHandler): Promise<Subscription> {
    await this.perform('consume', () => undefined);
    for (const topic of options.topics) this.partitionsOf(topic);
    const subscription = new MemorySubscription(this, options, handler, () =>
      this.subscriptions.delete(subscription),
    );
    this.subscriptions.add(subscription);
    subscription.restart();
    return subscription;
  }

  read(options: { topics: readonly string[]; from: 'earliest' | 'latest' }, handler: BatchHandler) {
    return this.consume({ ...options, groupId: `read.${this.subscriptions.size}.${Date.now()}` }, handler);
  }

  async producer(): Promise<LogProducer> {
    return {
      send: (records) => this.perform('send', () => this.append(records)),
      close: () => Promise.resolve(),
    };
  }

  async transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    let epoch = -1;
    const initialise = (): void => {
      epoch = (this.epochs.get(transactionalId) ?? -1) + 1;
      this.epochs.set(transactionalId, epoch);
    };
    const assertCurrent = (doing: string): void => {
      if (epoch === this.epochs.get(transactionalId)) return;
      throw new ProducerFencedError(`${doing}: fenced by another producer`, 'INVALID_PRODUCER_EPOCH');
    };
    const begin = async (): Promise<LogTransaction> => {
      await this.perform('begin', () => {
        if (epoch < 0) initialise();
      });
      const pending: ProducerRecord[] = [];
      return {
        send: (records) =>
          this.perform('send', () => {
            assertCurrent('sending records');
            pending.push(...records);
          }),
        commit: () =>
          this.perform('commit', () => {
            assertCurrent('committing a transaction');
            this.append(pending);
          }),
        abort: () => this.perform('abort', () => assertCurrent('aborting a transaction')),
      };
    };
    return { begin, fence: () => this.perform('fence', initialise), close: () => Promise.resolve() };
  }

  async admin(): Promise<LogAdmin> {
    const topics = (): string[] => [...this.counts.keys()].sort();
    const ends = (topic: string) =>
      Array.from({ length: this.partitionsOf(topic) }, (_, partition) => ({
        partition,
        earliest: 0n,
        latest: BigInt(this.recordsOf(topic, partition).length),
      }));
    return {
      ensureTopics: async (specs) => specs.forEach((spec) => this.ensureTopic(spec)),
      listTopics: async () => topics().map((name) => ({ name, partitions: this.partitionsOf(name) })),
      topicOffsets: async (topic) => ends(topic),
      offsetsAt: async (topic, timestampMs) =>
        ends(topic).map(({ partition, latest }) => {
          const found = this.recordsOf(topic, partition).find((record) => record.timestampMs >= timestampMs);
          return { partition, offset: found?.offset ?? latest };
        }),
      listGroups: async () => [...this.committed.keys()].sort(),
      groupLag: async (groupId, wanted) =>
        wanted.map((topic): GroupLag => {
          const partitions = ends(topic).map(({ partition, latest }) => {
            const committed = this.committedOffset(groupId, topic, partition);
            return { partition, committed, latest, lag: committed === null ? null : latest - committed };
          });
          return { groupId, topic, partitions };
        }),
      deleteTopics: async (names) => names.forEach((name) => this.counts.delete(name)),
      close: () => Promise.resolve(),
    };
  }

  /** For the subscription: what comes at and after an offset. */
  recordsOf(topic: string, partition: number): LogRecord[] {
    return this.partitions.get(placeOf(topic, partition)) ?? [];
  }

  partitionsOf(topic: string): number {
    const count = this.counts.get(topic);
    if (count === undefined) {
      throw new KafkaConfigError(`reading topic ${topic}: it does not exist`, 'unknown_topic');
    }
    return count;
  }

  async commitOffset(groupId: string, topic: string, partition: number, offset: bigint): Promise<void> {
    await this.perform('commitOffset', () => {
      const group = this.committed.get(groupId) ?? new Map<string, bigint>();
      this.committed.set(groupId, group.set(placeOf(topic, partition), offset));
    });
  }

  private ensureTopic({ name, partitions }: TopicSpec): void {
    const found = this.counts.get(name) ?? partitions;
    if (found !== partitions) {
      throw new KafkaConfigError(
        `checking topic ${name}: it has ${found} partitions instead of ${partitions}`,
        'unequal_partitions',
      );
    }
    this.counts.set(name, partitions);
  }

  private append(records: readonly ProducerRecord[]): void {
    for (const { topic, partition, key, value, headers, timestampMs } of records) {
      if (partition >= this.partitionsOf(topic)) {
        throw new KafkaConfigError(`sending to ${topic}: there is no partition ${partition}`);
      }
      const log = this.recordsOf(topic, partition);
      const bytes = Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)]);
      const offset = BigInt(log.length);
      log.push({ key, value, headers: Object.fromEntries(bytes), offset, timestampMs });
      this.partitions.set(placeOf(topic, partition), log);
    }
    for (const subscription of this.subscriptions) subscription.wake();
  }

  private async perform(operation: MemoryOperation, effect: () => void): Promise<void> {
    const index = this.failures.findIndex((failure) => failure.operation === operation);
    const [failure] = index < 0 ? [] : this.failures.splice(index, 1);
    if (failure === undefined || failure.takesEffect) effect();
    if (failure !== undefined) throw failure.error;
  }
}

class MemorySubscription implements Subscription {
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
    private readonly log: MemoryEventLog,
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
