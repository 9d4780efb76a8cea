import { HEADER, TopicNames, loadSchemas } from '#contracts';
import { EventDecoder, KafkajsEventLog, SchemaRegistryClient, decodingCodecs } from '#kafka';
import { kafkaSettingsFromEnv, registrySettingsFromEnv } from '#kafka';
import type { BatchHandler, DecodeResult, EventLog, LogAdmin, LogRecord, RecordBatch } from '#kafka';
import { createLogger } from '#telemetry';
import type { CliContext } from '../context';
import { UserError } from '../errors';
import { schemasDirectory } from '../hub/paths';
import { findRunFile, notRunning } from '../hub/run-file';
import { Ranges } from './ranges';
import type { Content, ReadOptions, TailRecord, TopicReader } from './tail.types';

/** A person waits no longer than this for a broker that does not answer. Milliseconds. */
const PATIENCE_MS = 10_000;

/** Thrown by a handler that needs nothing more. */
class EnoughError extends Error {}

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
    const { topic, signal } = options;
    const ranges = await rangesOf(await this.connect(), options);
    if (ranges.isDone() || signal.aborted) return;
    const decode = this.decoderOf(topic);
    const wanted: BatchHandler = async (batch, { isStale }) => {
      const records = await decode(batch);
      for (const record of isStale() || signal.aborted ? [] : records) {
        if (ranges.isWanted(record.partition, record.offset) && !onRecord(record)) throw new EnoughError();
      }
      if (!isStale()) ranges.reached(batch.partition, batch.nextOffset);
      if (ranges.isDone()) throw new EnoughError();
    };
    await this.readUntil(options, ranges, wanted);
  }

  /** Reads until the handler throws or `signal` is aborted; what it throws, but EnoughError, is passed on. */
  private async readUntil(
    { topic, from, signal }: ReadOptions,
    ranges: Ranges,
    handler: BatchHandler,
  ): Promise<void> {
    const stop = new AbortController();
    const placed = new AbortController();
    const guarded: BatchHandler = async (batch, batchContext) => {
      await aborted(placed.signal);
      if (stop.signal.aborted || batchContext.isStale()) return;
      await handler(batch, batchContext).catch((error: unknown) => stop.abort(error));
    };
    const start = from.at === 'now' ? 'latest' : 'earliest';
    const subscription = await this.log.read({ topics: [topic], from: start }, guarded);
    if (from.at === 'time' || from.at === 'offset') {
      for (const [partition, offset] of ranges.starts()) subscription.seek(topic, partition, offset);
    }
    placed.abort();
    try {
      await Promise.race([aborted(stop.signal), aborted(signal), subscription.ended]);
    } finally {
      void subscription.close().catch(() => undefined);
    }
    if (stop.signal.aborted && !(stop.signal.reason instanceof EnoughError)) throw stop.signal.reason;
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

async function rangesOf(admin: LogAdmin, { topic, from, follow }: ReadOptions): Promise<Ranges> {
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
