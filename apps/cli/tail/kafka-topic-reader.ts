import { HEADER, TopicNames, loadSchemas } from '#contracts';
import { EventDecoder, KafkajsEventLog, SchemaRegistryClient, decodingCodecs } from '#kafka';
import { kafkaSettingsFromEnv, registrySettingsFromEnv } from '#kafka';
import type { BatchHandler, DecodeResult, EventLog, LogAdmin, LogRecord, RecordBatch } from '#kafka';
import { createLogger } from '#telemetry';
import type { CliContext } from '../context';
import { UserError } from '../errors';
import { schemasDirectory } from '../hub/paths';
import { findRunFile, notRunning } from '../hub/run-file';
import type { Content, ReadOptions, StartPoint, TailRecord, TopicReader } from './tail.types';

/** A person waits no longer than this for a broker that does not answer. Milliseconds. */
const PATIENCE_MS = 10_000;

/** Reads topics of the cluster that the environment names, else of the hub that runs here. */
export class KafkaTopicReader implements TopicReader {
  private readonly log: EventLog;
  private readonly brokers: string;
  private admin: Promise<LogAdmin> | null = null;

  constructor(private readonly env: NodeJS.ProcessEnv) {
    const settings = kafkaSettingsFromEnv(env, 'millrace-cli');
    this.brokers = settings.brokers.join(', ');
    this.log = new KafkajsEventLog(settings, createLogger({ app: 'cli', level: 'silent' }));
  }

  async topics(): Promise<string[]> {
    const admin = await this.connect();
    return (await admin.listTopics()).map(({ name }) => name);
  }

  async read(options: ReadOptions, onRecord: (record: TailRecord) => boolean): Promise<void> {
    const { topic, from, signal } = options;
    const admin = await this.connect();
    const ranges = await rangesOf(admin, topic, from, options.follow);
    if (ranges.isDone() || signal.aborted) return;
    const decode = this.decoderOf(topic);
    const end = Promise.withResolvers<void>();
    const placed = Promise.withResolvers<void>();
    const handler: BatchHandler = async (batch, batchContext) => {
      await placed.promise;
      if (batchContext.isStale() || signal.aborted) return;
      for (const record of await decode(batch)) {
        if (ranges.isWanted(record) && !onRecord(record)) return end.resolve();
      }
      ranges.reached(batch.partition, batch.nextOffset);
      if (ranges.isDone()) end.resolve();
    };
    const catching: BatchHandler = (batch, batchContext) => handler(batch, batchContext).catch(end.reject);
    const subscription = await this.log.read(
      { topics: [topic], from: from.at === 'now' ? 'latest' : 'earliest' },
      catching,
    );
    signal.addEventListener('abort', () => end.resolve(), { once: true });
    if (from.at === 'time' || from.at === 'offset')
      ranges.forEachStart((p, offset) => subscription.seek(topic, p, offset));
    placed.resolve();
    try {
      await Promise.race([end.promise, subscription.ended]);
    } finally {
      void subscription.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const admin = await this.admin?.catch(() => null);
    await admin?.close();
  }

  private connect(): Promise<LogAdmin> {
    this.admin ??= withPatience(this.log.admin(), `Kafka does not answer at ${this.brokers}.`);
    return this.admin;
  }

  /** Change events are decoded; of any other topic the bytes are shown. */
  private decoderOf(topic: string): (batch: RecordBatch) => Promise<TailRecord[]> {
    const names = namesFor(topic);
    if (names === null) {
      return (batch) =>
        Promise.resolve(batch.records.map((record) => tailRecord(batch, record, null, rawContent(record))));
    }
    const registry = new SchemaRegistryClient(registrySettingsFromEnv(this.env));
    const decoder = new EventDecoder(
      registry,
      decodingCodecs(loadSchemas(schemasDirectory(this.env)), names),
    );
    return async (batch) => {
      const results = await decoder.decodeBatch(batch);
      return results.map((result) =>
        tailRecord(batch, result.record, result.identity?.version ?? null, contentOf(result)),
      );
    };
  }
}

/** The reader that a person means: the KAFKA_* and SCHEMA_REGISTRY_* variables win over `run.json`. */
export function openTopicReader(context: CliContext): TopicReader {
  const run = context.env.KAFKA_BROKERS && context.env.SCHEMA_REGISTRY_URL ? null : findRunFile(context);
  const env = {
    ...context.env,
    KAFKA_BROKERS: context.env.KAFKA_BROKERS || run?.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: context.env.SCHEMA_REGISTRY_URL || run?.registry.url,
  };
  if (!env.KAFKA_BROKERS || !env.SCHEMA_REGISTRY_URL) throw notRunning();
  return new KafkaTopicReader(env);
}

/** The names of the hub that a topic belongs to; null for a topic without change events. */
function namesFor(topic: string): TopicNames | null {
  try {
    const names = new TopicNames(topic.split('.', 1)[0]);
    return names.parse(topic) === null ? null : names;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Which offsets of each partition are wanted, and how far reading is. */
class Ranges {
  constructor(
    private readonly partitions: Map<number, { start: bigint; end: bigint | null }>,
    private readonly done = new Set<number>(),
  ) {
    for (const [partition, { start, end }] of partitions)
      if (end !== null && start >= end) done.add(partition);
  }

  isWanted({ partition, offset }: TailRecord): boolean {
    const range = this.partitions.get(partition);
    return range !== undefined && offset >= range.start && (range.end === null || offset < range.end);
  }

  reached(partition: number, nextOffset: bigint): void {
    const end = this.partitions.get(partition)?.end;
    if (end !== null && end !== undefined && nextOffset >= end) this.done.add(partition);
  }

  isDone(): boolean {
    return this.done.size === this.partitions.size;
  }

  forEachStart(visit: (partition: number, offset: bigint) => void): void {
    for (const [partition, { start }] of this.partitions) visit(partition, start);
  }
}

async function rangesOf(admin: LogAdmin, topic: string, from: StartPoint, follow: boolean): Promise<Ranges> {
  const offsets = await admin.topicOffsets(topic);
  const atTime = new Map<number, bigint>();
  if (from.at === 'time') {
    for (const { partition, offset } of await admin.offsetsAt(topic, from.ms)) atTime.set(partition, offset);
  }
  return new Ranges(
    new Map(
      offsets.map(({ partition, earliest, latest }) => {
        const asked = from.at === 'offset' ? from.offset : (atTime.get(partition) ?? latest);
        const start =
          from.at === 'beginning' ? earliest : from.at === 'now' ? latest : clamp(asked, earliest, latest);
        return [partition, { start, end: follow ? null : latest }];
      }),
    ),
  );
}

function clamp(offset: bigint, least: bigint, most: bigint): bigint {
  if (offset < least) return least;
  return offset > most ? most : offset;
}

function contentOf(result: DecodeResult): Content {
  if (!result.ok) return { kind: 'undecodable', reason: result.reason };
  const { key, event } = result;
  return event === null ? { kind: 'tombstone', key } : { kind: 'event', key, event };
}

function rawContent({ key, value }: LogRecord): Content {
  return { kind: 'raw', key: key?.toString() ?? null, value: value?.toString() ?? null };
}

function tailRecord(
  batch: RecordBatch,
  record: LogRecord,
  version: number | null,
  content: Content,
): TailRecord {
  const headers = Object.entries(record.headers).map(([name, bytes]) => [name, headerText(name, bytes)]);
  const { offset, timestampMs } = record;
  const { topic, partition } = batch;
  return { topic, partition, offset, timestampMs, headers: Object.fromEntries(headers), version, content };
}

function headerText(name: string, bytes: Buffer): string {
  if (name === HEADER.version && bytes.length === 8) return bytes.readBigUInt64BE().toString();
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes.toString('hex');
}

async function withPatience<T>(work: Promise<T>, sentence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UserError(sentence)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
