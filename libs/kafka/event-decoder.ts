import { TopicCodec, readRecordHeaders, schemaIdOf } from '#contracts';
import type {
  ChangeEvent,
  DecodeOptions,
  EntityName,
  RecordIdentity,
  RecordKey,
  SchemaSet,
  TopicNames,
} from '#contracts';
import type { ErrorStage } from './dead-letter';
import type { LogRecord, RecordBatch } from './event-log';
import { KafkaConfigError } from './faults';
import { RegistryFault } from './registry-http';

/** A record with what it says. A tombstone has no event; who it is about is in `identity`. */
export interface DecodedRecord {
  record: LogRecord;
  entity: EntityName;
  key: RecordKey;
  event: ChangeEvent | null;
  /** hub_id, product's hub_id, version and ce_id, from the headers. */
  identity: RecordIdentity;
}

/** A record that is not what its topic holds. `stage` is for {@link deadLetterRecord}. */
export interface UndecodableRecord {
  record: LogRecord;
  reason: string;
  error: Error;
  stage: ErrorStage;
  /** null where the headers tell nothing either. */
  identity: RecordIdentity | null;
}

export type DecodeResult = ({ ok: true } & DecodedRecord) | ({ ok: false } & UndecodableRecord);

/** Where schemas of other writers come from: {@link SchemaRegistryClient}. */
export interface SchemaSource {
  schemaById(id: number): Promise<string>;
}

/** Gives the codec of a topic, or null for a topic that is none of the hub's. */
export type CodecOfTopic = (topic: string) => TopicCodec | null;

/** Codecs for all topics of a hub, made when they are first asked for. They decode only. */
export function decodingCodecs(schemas: SchemaSet, names: TopicNames): CodecOfTopic {
  const codecs = new Map<string, TopicCodec | null>();
  return (topic) => {
    let codec = codecs.get(topic);
    if (codec === undefined) {
      const parsed = names.parse(topic);
      codec = parsed === null ? null : new TopicCodec(schemas, topic, parsed);
      codecs.set(topic, codec);
    }
    return codec;
  };
}

class StageError extends Error {
  constructor(
    readonly stage: ErrorStage,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

/**
 * Decodes batches. A record that does not decode is a value in the result, in its place, and never an
 * exception: it must not stop its partition. What rejects is what waiting or the platform team heals: a
 * registry that does not answer (RegistryFault), a topic that is none of the hub's (KafkaConfigError).
 */
export class EventDecoder {
  constructor(
    private readonly registry: SchemaSource,
    private readonly codecOf: CodecOfTopic,
  ) {}

  /**
   * One result for each record, in order. Asks the registry once for each schema id that was never seen, then
   * decodes without waiting. `before: false` leaves the former state unread, which saves a third of the work.
   */
  async decodeBatch(
    batch: Pick<RecordBatch, 'topic' | 'records'>,
    options?: DecodeOptions,
  ): Promise<DecodeResult[]> {
    const codec = this.codecOf(batch.topic);
    if (codec === null) {
      throw new KafkaConfigError(
        `decoding ${batch.topic}: it is not one of this hub's record topics`,
        'unknown_topic',
      );
    }
    const unreadable = await this.learnSchemas(codec, batch.records);
    return batch.records.map((record) => decodeRecord(codec, record, unreadable, options));
  }

  /** The ids that stay unreadable, with the reason: unknown to the registry, or of a schema that does not fit. */
  private async learnSchemas(
    codec: TopicCodec,
    records: readonly LogRecord[],
  ): Promise<ReadonlyMap<string, Error>> {
    const unreadable = new Map<string, Error>();
    const learnAll = (part: Part, ids: ReadonlySet<number>) =>
      [...ids].map(async (id) => {
        try {
          const schema = await this.registry.schemaById(id);
          if (part === 'key') codec.learnKey(id, schema);
          else codec.learnEvent(id, schema);
        } catch (error) {
          if (!(error instanceof Error) || isRegistryTrouble(error)) throw error;
          unreadable.set(`${part}/${id}`, error);
        }
      });
    const keyIds = unknownIds(records, 'key', (id) => codec.knowsKey(id));
    const eventIds = unknownIds(records, 'value', (id) => codec.knowsEvent(id));
    await Promise.all([...learnAll('key', keyIds), ...learnAll('value', eventIds)]);
    return unreadable;
  }
}

type Part = 'key' | 'value';

/** A registry that answers "no such schema" has said something about the record; all else is its own trouble. */
function isRegistryTrouble(error: Error): boolean {
  return error instanceof RegistryFault && error.code !== 'registry_not_found';
}

function unknownIds(
  records: readonly LogRecord[],
  part: Part,
  isKnown: (id: number) => boolean,
): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const record of records) {
    const bytes = record[part];
    const id = bytes === null ? null : frameId(bytes);
    if (id !== null && !isKnown(id)) ids.add(id);
  }
  return ids;
}

/** null for bytes without a frame: the codec says later what is wrong with them. */
function frameId(bytes: Buffer): number | null {
  try {
    return schemaIdOf(bytes);
  } catch {
    return null;
  }
}

function decodeRecord(
  codec: TopicCodec,
  record: LogRecord,
  unreadable: ReadonlyMap<string, Error>,
  options: DecodeOptions | undefined,
): DecodeResult {
  const identity = readRecordHeaders(record.headers);
  try {
    const key = inStage('KEY_CONVERTER', () => {
      if (record.key === null) throw new Error('reading the key: there is none');
      assertReadable('key', record.key, unreadable);
      return codec.decodeKey(record.key);
    });
    const event = inStage('VALUE_CONVERTER', () => {
      if (record.value === null) return null;
      assertReadable('value', record.value, unreadable);
      return codec.decodeEvent(record.value, undefined, options);
    });
    if (identity === null) {
      const missing = new Error('reading the headers: they are not those of a record of this hub');
      throw new StageError('HEADER_CONVERTER', missing);
    }
    return { ok: true, record, entity: codec.entity, key, event, identity };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return { ok: false, record, reason: error.message, error: error.cause, stage: error.stage, identity };
  }
}

function inStage<T>(stage: ErrorStage, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new StageError(stage, error instanceof Error ? error : new Error(String(error)));
  }
}

function assertReadable(part: Part, bytes: Buffer, unreadable: ReadonlyMap<string, Error>): void {
  const id = frameId(bytes);
  const reason = id === null ? undefined : unreadable.get(`${part}/${id}`);
  if (reason !== undefined) throw reason;
}
