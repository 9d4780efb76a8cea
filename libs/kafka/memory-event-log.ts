import type {
  BatchHandler,
  ConsumeOptions,
  EventLog,
  GroupLag,
  LogAdmin,
  LogProducer,
  LogRecord,
  LogTransaction,
  ProducerRecord,
  Subscription,
  TopicSpec,
  TransactionalProducer,
} from './event-log';
import { KafkaConfigError, ProducerFencedError } from './faults';
import { placeOf } from './generation';
import { MemorySubscription } from './memory-subscription';

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
