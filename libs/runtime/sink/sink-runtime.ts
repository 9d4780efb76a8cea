import { setTimeout as delay } from 'node:timers/promises';
import { HEADER, readRecordHeaders } from '#contracts';
import type { EntityName, TopicNames } from '#contracts';
import type { BatchSinkConnector, ConnectorDefinition } from '#connector-sdk';
import type {
  BatchContext,
  BatchHandler,
  ConsumeOptions,
  EventDecoder,
  LogRecord,
  RecordBatch,
} from '#kafka';
import type { Logger, Metrics } from '#telemetry';
import type { ExceptionJournal } from '../exceptions';
import type { IncomingRecord } from './collapse';
import { FailedRecords } from './failed-records';
import { OffsetCommitter } from './offset-committer';
import type { Span } from './offset-tracker';
import type { OpenFailures } from './open-failures';
import { Patience, faultOf } from './patience';
import type { Trouble } from './patience';
import { openGate } from './sink-gate';
import type { SinkGate } from './sink-gate';
import { SinkLane } from './sink-lane';
import type { LaneLimits } from './sink-lane';
import { SinkWriter } from './sink-writer';
import type { DeadLetters } from './sink-writer';

export interface SinkRuntimeOptions extends LaneLimits {
  /** Flushes that may run side by side; as many as the target has connections. */
  lanes: number;
  /** Offsets of a partition are committed at most this often. */
  commitIntervalMs: number;
}

export const DEFAULT_SINK_OPTIONS: SinkRuntimeOptions = {
  lanes: 2,
  flushRows: 1_000,
  maxRecords: 4_000,
  maxBytes: 16 * 1024 * 1024,
  commitIntervalMs: 250,
};

export interface SinkRuntimeParts {
  /** Name of the sink: group `<prefix>.sink.<name>`, target of its exceptions, metric label. */
  name: string;
  sink: BatchSinkConnector;
  entities: readonly EntityName[];
  topics: TopicNames;
  decoder: Pick<EventDecoder, 'decodeBatch'>;
  journal: ExceptionJournal;
  openFailures: OpenFailures;
  deadLetters: DeadLetters;
  logger: Logger;
  gate?: SinkGate;
  metrics?: Metrics;
  options?: Partial<SinkRuntimeOptions>;
}

/** The entities that a connector can write. */
export function writableEntities({ entities }: Pick<ConnectorDefinition, 'entities'>): EntityName[] {
  return entities.filter(({ write }) => write !== undefined).map(({ entity }) => entity);
}

const SIGN_OF_LIFE_MS = 2_000;

/**
 * Brings a batch sink to the catalog topics. `handle` takes batches as fast as there is room for them and
 * returns before they are written; lanes write side by side; offsets are committed when everything before them
 * is in the target. At least once, and the target's version guard makes a repeat change nothing.
 */
export class SinkRuntime {
  private readonly entityOf: ReadonlyMap<string, EntityName>;
  private readonly options: SinkRuntimeOptions;
  private readonly stopping = new AbortController();
  private readonly patience: Patience;
  private readonly failed: FailedRecords;
  private readonly commits: OffsetCommitter;
  private readonly lanes: readonly SinkLane[];
  private draining = false;

  constructor(private readonly parts: SinkRuntimeParts) {
    const { name, topics, entities, openFailures, logger } = parts;
    this.options = { ...DEFAULT_SINK_OPTIONS, ...parts.options };
    this.entityOf = new Map(entities.map((entity) => [topics.catalog(entity), entity]));
    this.patience = new Patience(logger, this.stopping.signal);
    this.failed = new FailedRecords(name, openFailures, logger);
    this.commits = new OffsetCommitter(logger, this.options.commitIntervalMs);
    const writer = new SinkWriter({
      ...parts,
      gate: parts.gate ?? openGate,
      failed: this.failed,
      patience: this.patience,
    });
    this.lanes = Array.from(
      { length: this.options.lanes },
      () => new SinkLane((records) => writer.flush(records), this.options),
    );
  }

  /** What to consume, and how. */
  consumeOptions(): ConsumeOptions {
    return {
      groupId: this.parts.topics.group(`sink.${this.parts.name}`),
      topics: [...this.entityOf.keys()],
      concurrency: 8,
      maxBytesPerPartition: 1024 * 1024,
      onAssignment: () => this.failed.invalidate(),
    };
  }

  /** Prepares the target. Waits while it cannot be reached; a `config` fault is thrown. */
  async prepare(): Promise<void> {
    const failure = await this.patience.until(async () => {
      try {
        await this.parts.sink.prepare();
        return null;
      } catch (error) {
        if (faultOf(error).kind === 'transient') throw error;
        return { error };
      }
    });
    if (failure !== null) throw failure.error;
  }

  /** Records of the target that wait, at this moment. */
  get waiting(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  /** What the sink waits for; null when it goes on. */
  get trouble(): Trouble | null {
    return this.patience.trouble;
  }

  /** Takes a batch. Resolves when all of its records have found room. */
  readonly handle: BatchHandler = async (batch, context) => {
    const entity = this.entityOf.get(batch.topic);
    if (entity === undefined)
      throw new RangeError(`handling a batch of ${batch.topic}: the sink does not read it`);
    if (this.draining) return untilAborted(context.signal);
    const span = this.commits.begin(batch, context);
    const lane = this.lanes[batch.partition % this.lanes.length]!;
    for (const record of batch.records) {
      const incoming = incomingOf(batch, entity, record, span);
      if (incoming === null) continue;
      if (!lane.hasRoom && !(await this.waitForRoom(lane, context))) return untilAborted(context.signal);
      span.hold();
      lane.add(incoming);
    }
    span.release();
  };

  /**
   * Takes no more batches, writes and commits what there is, and gives up after `graceMs`: what is not written
   * by then stays uncommitted and is read again. Call it before the group is left.
   */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    const givingUp = new AbortController();
    const idle = Promise.all(this.lanes.map((lane) => lane.idle()));
    await Promise.race([idle, delay(graceMs, undefined, { signal: givingUp.signal }).catch(() => undefined)]);
    givingUp.abort();
    this.stopping.abort();
    await this.commits.commitNow();
  }

  /** False when the sink was told to stop instead. Throws when the partition was taken away meanwhile. */
  private async waitForRoom(lane: SinkLane, context: BatchContext): Promise<boolean> {
    while (!lane.hasRoom) {
      await lane.room(SIGN_OF_LIFE_MS);
      if (this.stopping.signal.aborted) return false;
      await context.heartbeat();
    }
    return true;
  }
}

/**
 * null for a record that goes on under another key: its `d` and tombstone there are followed by its `c` here,
 * and whoever keeps state by hub_id ignores them.
 */
function incomingOf(
  { topic, partition }: RecordBatch,
  entity: EntityName,
  record: LogRecord,
  span: Span,
): IncomingRecord | null {
  if (record.headers[HEADER.newKey] !== undefined) return null;
  return { topic, partition, entity, record, identity: readRecordHeaders(record.headers), span };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
