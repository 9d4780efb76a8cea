/**
 * The event log as Millrace needs it: a small port, so that the client library can be replaced. The adapter
 * that is used is `kafkajs-event-log.ts`. Keys, values and headers are bytes here; meaning is in `contracts`.
 */

export interface LogRecord {
  key: Buffer | null;
  /** null is a tombstone. */
  value: Buffer | null;
  headers: Readonly<Record<string, Buffer>>;
  offset: bigint;
  /** Milliseconds since the epoch. */
  timestampMs: number;
}

/** Consecutive records of one partition, oldest first. May be empty of records only if offsets were skipped. */
export interface RecordBatch {
  topic: string;
  partition: number;
  records: readonly LogRecord[];
  /** Offset after the last one that this batch covers, transaction markers and compacted gaps included. */
  nextOffset: bigint;
  /**
   * The partition's end as the broker told it with this batch: the high watermark, which an open transaction
   * leaves ahead of what can be read.
   */
  endOffset: bigint;
}

export interface BatchContext {
  /** Aborted when the consumer is being closed or the partition has been taken away. */
  signal: AbortSignal;
  /** Tells the broker that this member lives; call it between steps of long work. Throws on a rebalance. */
  heartbeat(): Promise<void>;
  /** Commits `nextOffset` (the next one to be read). Nothing is committed unless this is called. */
  commit(nextOffset: bigint): Promise<void>;
  /** True after a rebalance, seek or pause that makes this batch void: leave at once, commit nothing. */
  isStale(): boolean;
}

export type BatchHandler = (batch: RecordBatch, context: BatchContext) => Promise<void>;

export interface ConsumeOptions {
  /** Used verbatim as the group id. */
  groupId: string;
  topics: readonly string[];
  /** Where a group without committed offsets begins. Default: earliest. */
  from?: 'earliest' | 'latest';
  /** Partitions handled at the same time. Default 1. */
  concurrency?: number;
  maxBytesPerPartition?: number;
  /** Called with each new assignment, and with an empty one when the consumer stops. */
  onAssignment?(partitions: ReadonlyMap<string, readonly number[]>): void;
}

export interface Subscription {
  pause(topic: string, partitions?: readonly number[]): void;
  resume(topic: string, partitions?: readonly number[]): void;
  seek(topic: string, partition: number, offset: bigint): void;
  /** Resolves when the running batches have ended and the group was left. */
  close(): Promise<void>;
  /** Rejects or resolves when the consumer ended for good without `close`; the owner must react. */
  readonly ended: Promise<void>;
}

export interface ProducerRecord {
  topic: string;
  partition: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string | Buffer>>;
  timestampMs: number;
}

/** Plain, idempotent producer with acks=all: dead letters and tools. Never used for record topics. */
export interface LogProducer {
  send(records: readonly ProducerRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A producer with a fixed transactional id. Any rejection leaves the outcome unknown: `close()` it, make a
 * new one, call `fence()`, and look at the lease again before anything is sent.
 */
export interface TransactionalProducer {
  /**
   * Begins and aborts an empty transaction: only there does kafkajs initialise the transactional id, and only
   * that fences a predecessor at the broker.
   */
  fence(): Promise<void>;
  begin(): Promise<LogTransaction>;
  close(): Promise<void>;
}

export interface LogTransaction {
  /** Sends in order, split so that no request holds more than the broker accepts in one record batch. */
  send(records: readonly ProducerRecord[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface TopicSpec {
  name: string;
  partitions: number;
  replicationFactor?: number;
  config: Readonly<Record<string, string>>;
}

export interface PartitionOffsets {
  partition: number;
  earliest: bigint;
  latest: bigint;
}

export interface GroupLag {
  groupId: string;
  topic: string;
  /** null where the group has committed nothing yet. */
  partitions: readonly { partition: number; committed: bigint | null; latest: bigint; lag: bigint | null }[];
}

export interface LogAdmin {
  /**
   * Creates what is missing. A topic that exists with another number of partitions is a `config` fault, for
   * the place of a product's records follows from that number.
   */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  listTopics(): Promise<readonly { name: string; partitions: number }[]>;
  topicOffsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /** First offsets whose record time is at or after `timestampMs`; the end where there is none. */
  offsetsAt(topic: string, timestampMs: number): Promise<readonly { partition: number; offset: bigint }[]>;
  listGroups(): Promise<readonly string[]>;
  groupLag(groupId: string, topics: readonly string[]): Promise<readonly GroupLag[]>;
  deleteTopics(topics: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface EventLog {
  consume(options: ConsumeOptions, handler: BatchHandler): Promise<Subscription>;
  /** Reads without a group and commits nothing: for tail and tests. Ends with `close`. */
  read(
    options: { topics: readonly string[]; from: 'earliest' | 'latest' },
    handler: BatchHandler,
  ): Promise<Subscription>;
  producer(): Promise<LogProducer>;
  transactionalProducer(transactionalId: string): Promise<TransactionalProducer>;
  admin(): Promise<LogAdmin>;
}
