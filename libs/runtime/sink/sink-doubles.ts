/** Doubles for the specs of the sink runtime: everything around it, in memory, with failures on demand. */
import { pino } from 'pino';
import { TopicNames } from '#contracts';
import type { BatchSinkConnector, BatchWrite, SyncFault, WriteOutcome } from '#connector-sdk';
import type { BatchContext, DecodeResult, LogRecord, RecordBatch } from '#kafka';
import type { ExceptionFilter, NewException } from '#store';
import { createMetrics } from '#telemetry';
import type { ExceptionJournal } from '../exceptions';
import type { OpenFailure, OpenFailures } from './open-failures';
import type { UndecodableFailure } from './sink-failures';
import { SinkRuntime } from './sink-runtime';
import type { SinkRuntimeOptions } from './sink-runtime';

export const TOPIC = 'test.catalog.product';

export function hub(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

export interface RecordShape {
  hub: number;
  version: number;
  /** `d` has a value, `tombstone` has none, `broken` does not decode, `moved` is the `d` of a re-key. */
  kind?: 'u' | 'd' | 'tombstone' | 'broken' | 'moved' | 'foreign';
  name?: string;
}

export function record(offset: number, { hub: number, version, kind = 'u', name }: RecordShape): LogRecord {
  const headers: Record<string, Buffer> = {};
  if (kind !== 'foreign') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(version));
    headers['millrace-version'] = bytes;
    headers['millrace-id'] = Buffer.from(hub(number));
    headers['millrace-product-id'] = Buffer.from(hub(number));
    headers['ce_id'] = Buffer.from(`ce-${number}-${version}`);
    headers['ce_subject'] = Buffer.from(`ST-${number}`);
  }
  if (kind === 'moved') headers['__debezium.newkey'] = Buffer.from('new');
  const value =
    kind === 'tombstone' ? null : Buffer.from(JSON.stringify({ kind, hub: number, version, name }));
  return { key: Buffer.from(`ST-${number}`), value, headers, offset: BigInt(offset), timestampMs: 1_000 };
}

/** Consecutive records from `offset` on. */
export function batchOf(shapes: readonly RecordShape[], offset = 0, partition = 0): RecordBatch {
  const records = shapes.map((shape, i) => record(offset + i, shape));
  const nextOffset = BigInt(offset + shapes.length);
  return { topic: TOPIC, partition, records, nextOffset, endOffset: nextOffset };
}

/** Decodes what `record` makes. */
export const decoder = {
  decodeBatch: ({ records }: Pick<RecordBatch, 'records'>): Promise<DecodeResult[]> =>
    Promise.resolve(records.map(decode)),
};

function decode(log: LogRecord): DecodeResult {
  const shape = log.value === null ? null : (JSON.parse(log.value.toString()) as Required<RecordShape>);
  if (shape?.kind === 'broken' || shape?.kind === 'foreign') {
    const error = new Error('reading the value: it is broken');
    return { ok: false, record: log, reason: error.message, error, stage: 'VALUE_CONVERTER', identity: null };
  }
  const hubId = log.headers['millrace-id']!.toString();
  const version = Number(log.headers['millrace-version']!.readBigUInt64BE());
  const identity = { hubId, productId: hubId, version, ceId: 'x' };
  const common = { ok: true as const, record: log, entity: 'product' as const, key: { code: 'x' }, identity };
  if (shape === null) return { ...common, event: null };
  const state = {
    hub_id: hub(shape.hub),
    product_id: hubId,
    version: shape.version,
    attributes: { name: shape.name },
  };
  const after = shape.kind === 'u' ? state : null;
  const event = { before: null, after, op: shape.kind, ts_ms: 2_000, source: { ts_ms: 2_000 } };
  return { ...common, event } as unknown as DecodeResult;
}

/** A target with the version guard. `refuse` names values that it does not take; `fail` makes calls fail. */
export class MemoryTarget implements BatchSinkConnector {
  readonly rows = new Map<string, { version: number; name: unknown; deleted: boolean }>();
  readonly batches: (readonly BatchWrite[])[] = [];
  readonly failures: Error[] = [];
  /** A write waits for this. */
  gate: Promise<void> = Promise.resolve();

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async write(writes: readonly BatchWrite[]): Promise<readonly WriteOutcome[]> {
    await this.gate;
    this.batches.push(writes);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    return writes.map((write) => this.writeOne(write));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private writeOne({ hubId, version, attributes }: BatchWrite): WriteOutcome {
    const name = attributes?.name;
    if (name === 'poison') return { status: 'failed', fault: POISON };
    if ((this.rows.get(hubId)?.version ?? 0) >= version) return { status: 'unchanged' };
    this.rows.set(hubId, { version, name, deleted: attributes === null });
    return { status: 'applied' };
  }
}

const POISON: SyncFault = {
  kind: 'rejected',
  code: 'poison',
  message: 'writing: it is poison',
  attribute: 'name',
};

export class MemoryJournal implements ExceptionJournal, OpenFailures {
  readonly opened: NewException[] = [];
  readonly resolved: ExceptionFilter[] = [];
  readonly failures: OpenFailure[] = [];

  async open(exception: NewException): Promise<void> {
    this.opened.push(exception);
  }

  async resolve(filter: ExceptionFilter): Promise<void> {
    this.resolved.push(filter);
  }

  async of(): Promise<readonly OpenFailure[]> {
    return this.failures;
  }
}

export class MemoryDeadLetters {
  readonly letters: UndecodableFailure[] = [];

  async send(letters: readonly UndecodableFailure[]): Promise<void> {
    this.letters.push(...letters);
  }
}

/** A batch's context, as of a consumer whose assignment lasts until `end`. */
export class MemoryContext implements BatchContext {
  readonly commits: bigint[] = [];
  private readonly controller = new AbortController();
  private over = false;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    this.over = true;
    this.controller.abort();
  }

  isStale(): boolean {
    return this.over;
  }

  async heartbeat(): Promise<void> {
    if (this.over) throw new Error('the partition was taken away');
  }

  async commit(nextOffset: bigint): Promise<void> {
    if (this.over) throw new Error('the partition was taken away');
    this.commits.push(nextOffset);
  }
}

/** A runtime on all of these. */
export function memorySink(options: Partial<SinkRuntimeOptions> = {}) {
  const target = new MemoryTarget();
  const journal = new MemoryJournal();
  const deadLetters = new MemoryDeadLetters();
  const metrics = createMetrics();
  const sut = new SinkRuntime({
    name: 'mart',
    sink: target,
    entities: ['product'],
    topics: new TopicNames('test'),
    decoder,
    journal,
    openFailures: journal,
    deadLetters,
    logger: pino({ level: 'silent' }),
    metrics,
    options: { lanes: 1, commitIntervalMs: 0, ...options },
  });
  return { sut, target, journal, deadLetters, metrics };
}
