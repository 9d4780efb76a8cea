import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, InstrumentationEvent } from 'kafkajs';
import type { Logger } from 'pino';
import { Backoffs, backoffMs } from './backoffs';
import { BatchScope } from './batch-scope';
import { PATIENT, createClient } from './client';
import { copartitionAssigner } from './copartition-assigner';
import type { BatchHandler, ConsumeOptions, RecordBatch, Subscription } from './event-log';
import { KafkaConfigError, errorCode, rejoinRequest, toKafkaFault } from './faults';
import { Generation, placeOf } from './generation';
import { runHandler } from './handler-run';
import { toRecordBatch } from './log-record';
import { PauseState } from './pause-state';
import { SerialByKey } from './serial-by-key';
import type { KafkaSettings } from './settings';

/** Also how long `disconnect` waits for a fetch that runs: kafkajs' default is five seconds. */
const MAX_WAIT_MS = 250;
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_INTERVAL_MS = 2_000;
/** How long a rebalance waits for members whose handlers are busy. They learn of it within a second. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** From here on a handler that fails again and again is something that somebody must look after. */
const FAILURES_UNTIL_ERROR = 5;
const LONGEST_LEAVE_MS = 5_000;

type BatchEvent = InstrumentationEvent<{
  topic: string;
  partition: number;
  batchSize: number;
  lastOffset: string;
  highWatermark: string;
}>;

export interface ConsumerTuning {
  /** Offsets to begin at instead of the group's, by `placeOf`. The consumer then keeps its position itself. */
  positions?: Map<string, bigint>;
}

/**
 * A consumer that does not go away by itself. kafkajs' consumer is rebuilt whenever it gives up; positions,
 * pauses and seeks outlive that. A handler that fails gets the same offset again, after a pause of its
 * partition that doubles up to half a minute; other partitions go on meanwhile.
 */
export class KafkajsSubscription implements Subscription {
  readonly ended: Promise<void>;
  private settle!: { resolve: () => void; reject: (reason: Error) => void };
  private consumer: Consumer | null = null;
  private lastPayload: EachBatchPayload | null = null;
  private generation = new Generation(new Map());
  private readonly pauses = new PauseState();
  /** Seeks that no batch has answered yet. */
  private readonly seeks = new Map<string, bigint>();
  private readonly backoffs = new Backoffs();
  /** One batch at a time for each partition: kafkajs does not wait for those of markers only. */
  private readonly queue = new SerialByKey();
  private closing: Promise<void> | null = null;
  /** How often kafkajs gave up since a batch was last handled. */
  private rebuilds = 0;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly options: ConsumeOptions,
    private readonly handler: BatchHandler,
    private readonly logger: Logger,
    private readonly tuning: ConsumerTuning = {},
  ) {
    this.ended = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // The owner may look at it late or never: that is no crash of the process.
    this.ended.catch(() => undefined);
  }

  /** Joins the group. Rejects if that cannot succeed by waiting. */
  async start(): Promise<void> {
    const { groupId, topics, from, concurrency, maxBytesPerPartition } = this.options;
    const consumer = createClient(this.settings, this.logger).consumer({
      groupId,
      partitionAssigners: [copartitionAssigner],
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      ...(maxBytesPerPartition !== undefined && { maxBytesPerPartition }),
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: { ...PATIENT, restartOnFailure: async () => this.closing === null },
    });
    this.listen(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: from !== 'latest' });
      this.consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency ?? 1,
        eachBatch: (payload) => this.onBatch(payload),
      });
    } catch (error) {
      await consumer.disconnect().catch(() => undefined);
      throw this.startFault(error);
    }
  }

  pause(topic: string, partitions?: readonly number[]): void {
    this.pauses.pause(topic, partitions);
    this.applyPauses();
  }

  resume(topic: string, partitions?: readonly number[]): void {
    this.pauses.resume(topic, partitions);
    this.applyPauses();
  }

  seek(topic: string, partition: number, offset: bigint): void {
    const place = placeOf(topic, partition);
    this.seeks.set(place, offset);
    this.tuning.positions?.set(place, offset);
    this.generation.move(topic, partition);
    if (this.generation.has(topic, partition)) {
      this.consumer?.seek({ topic, partition, offset: String(offset) });
    }
  }

  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private async leave(): Promise<void> {
    this.generation.askToStop();
    this.backoffs.cancel();
    await this.queue.allIdle();
    const disconnected = this.consumer?.disconnect().catch((error: unknown) => {
      this.logger.warn({ err: error }, `leaving group ${this.options.groupId}`);
    });
    // With no broker in reach kafkajs tries for minutes; the group forgets a silent member by itself.
    await Promise.race([disconnected, delay(LONGEST_LEAVE_MS, undefined, { ref: false })]);
    this.generation.end();
    this.options.onAssignment?.(new Map());
    this.settle.resolve();
  }

  private listen(consumer: Consumer): void {
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.onJoin(consumer, event));
    consumer.on(consumer.events.REBALANCING, () => this.generation.endAnnounced());
    consumer.on(consumer.events.START_BATCH_PROCESS, (event: BatchEvent) => this.onMarkersOnly(event));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.onCrash(payload.error, payload.restart));
  }

  private onJoin(consumer: Consumer, { payload }: ConsumerGroupJoinEvent): void {
    this.generation.end();
    this.consumer = consumer;
    this.lastPayload = null;
    this.generation = new Generation(new Map(Object.entries(payload.memberAssignment)));
    if (this.closing !== null) this.generation.askToStop();
    this.backoffs.cancel();
    this.applyPauses();
    this.applyPositions();
    this.options.onAssignment?.(this.generation.assignment);
  }

  private applyPositions(): void {
    for (const place of this.seeks.keys()) {
      if (!this.places().some((own) => own.place === place)) this.seeks.delete(place);
    }
    for (const { topic, partition, place } of this.places()) {
      const offset = this.seeks.get(place) ?? this.tuning.positions?.get(place);
      if (offset !== undefined) this.consumer?.seek({ topic, partition, offset: String(offset) });
    }
  }

  private applyPauses(): void {
    for (const { topic, partition, place } of this.places()) {
      const paused = this.pauses.isPaused(topic, partition) || this.backoffs.isResting(place);
      this.consumer?.[paused ? 'pause' : 'resume']([{ topic, partitions: [partition] }]);
    }
  }

  private places(): { topic: string; partition: number; place: string }[] {
    return [...this.generation.assignment].flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition, place: placeOf(topic, partition) })),
    );
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const place = placeOf(topic, partition);
    const generation = this.generation;
    if (generation.isUnnoticed && this.closing === null) throw rejoinRequest();
    const scope = this.openScope(topic, partition, generation);
    await this.queue.idle(place);
    const isVoid = scope.isStale() || payload.isStale() || this.closing !== null;
    if (isVoid || this.pauses.isPaused(topic, partition)) return;
    this.lastPayload = payload;
    this.seeks.delete(place);
    const batch = toRecordBatch(payload.batch);
    const done = await this.queue.run(place, () => this.deliver(batch, scope, generation));
    if (done) payload.resolveOffset(String(batch.nextOffset - 1n));
  }

  /**
   * kafkajs steps over a fetch that held nothing but transaction markers or aborted records, and tells only
   * by this event. Unless it is handed on, nobody commits its end, and the group shows a lag for ever.
   */
  private onMarkersOnly({ payload }: BatchEvent): void {
    const { topic, partition, batchSize, lastOffset, highWatermark } = payload;
    if (batchSize > 0 || this.closing !== null) return;
    const generation = this.generation;
    const scope = this.openScope(topic, partition, generation);
    const batch: RecordBatch = {
      topic,
      partition,
      records: [],
      nextOffset: BigInt(lastOffset) + 1n,
      endOffset: BigInt(highWatermark),
    };
    void this.queue.run(placeOf(topic, partition), async () => {
      if (scope.isStale()) return;
      try {
        await this.handler(batch, scope);
      } catch (error) {
        // Nothing is lost: the next batch of the partition covers these offsets too.
        this.logger.debug({ err: error, topic, partition }, 'handling a batch of markers only');
      }
    });
  }

  private openScope(topic: string, partition: number, generation: Generation): BatchScope {
    return new BatchScope(topic, partition, generation, {
      heartbeat: async () => this.lastPayload?.heartbeat(),
      commit: async (topic, partition, nextOffset) => {
        const offset = String(nextOffset);
        // Through the payload: `consumer.commitOffsets` drops what comes while the consumer stops, silently.
        const payload = this.lastPayload;
        if (payload === null) return this.consumer?.commitOffsets([{ topic, partition, offset }]);
        return payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
      },
    });
  }

  /** True if the batch is done with; false if it comes again, here or at another member. */
  private async deliver(batch: RecordBatch, scope: BatchScope, generation: Generation): Promise<boolean> {
    const place = placeOf(batch.topic, batch.partition);
    try {
      await runHandler(this.handler, batch, scope, generation, this.logger);
    } catch (error) {
      if (!scope.isStale() && this.closing === null) this.backOff(batch, error);
      return false;
    }
    if (scope.isStale()) return false;
    this.backoffs.succeeded(place);
    this.rebuilds = 0;
    this.tuning.positions?.set(place, batch.nextOffset);
    return true;
  }

  private backOff({ topic, partition, records }: RecordBatch, error: unknown): void {
    const place = placeOf(topic, partition);
    const { failures, waitMs } = this.backoffs.begin(place, () => this.applyPauses());
    const level = failures < FAILURES_UNTIL_ERROR ? 'warn' : 'error';
    const { groupId } = this.options;
    const offset = String(records[0]?.offset ?? '');
    this.logger[level](
      { err: error, groupId, topic, partition, offset, failures, waitMs },
      `handling a batch of ${place}: it failed and will be delivered again`,
    );
    this.applyPauses();
  }

  private onCrash(error: Error, restart: boolean): void {
    this.generation.endAnnounced();
    const { groupId } = this.options;
    if (this.closing !== null) return;
    this.logger.debug({ err: error, groupId, restart }, `consuming in group ${groupId}: connection lost`);
    if (!restart) void this.rebuild(error);
  }

  /** kafkajs gave up. Only what waiting cannot heal ends the subscription. */
  private async rebuild(reason: unknown): Promise<void> {
    const { groupId } = this.options;
    let error = reason;
    while (this.closing === null) {
      const attempt = this.rebuilds++;
      const fault = this.startFault(error);
      if (fault.kind === 'config') return this.giveUp(fault);
      this.logger.warn({ err: fault, groupId, attempt }, `consuming in group ${groupId}: starting again`);
      await delay(backoffMs(attempt + 1), undefined, { ref: false });
      if (this.closing !== null) return;
      try {
        return await this.start();
      } catch (next) {
        error = next;
      }
    }
  }

  private giveUp(fault: Error): void {
    this.options.onAssignment?.(new Map());
    this.settle.reject(fault);
  }

  private startFault(error: unknown) {
    const { groupId, topics } = this.options;
    const doing = `consuming ${topics.join(', ')} in group ${groupId}`;
    if (errorCode(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
      return new KafkaConfigError(`${doing}: a topic does not exist`, 'unknown_topic', { cause: error });
    }
    return toKafkaFault(doing, error);
  }
}
