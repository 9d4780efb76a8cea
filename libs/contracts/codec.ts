import type { Type } from 'avsc';
import { FramedReader, encodeFramed, parseType } from './avro-type';
import { fromEnvelope, toEnvelope } from './envelope';
import type { AvroEnvelope } from './envelope';
import { EncodeError, describe } from './errors';
import { KEY_ATTRIBUTES } from './keys';
import type { EntityLayout } from './layout';
import type { SchemaSet } from './schema-set';
import type { RecordTopic } from './topics';
import type { ChangeEvent, EntityName, RecordKey } from './types';
import { ValueError, writeText } from './values';

/** The registry's ids of a topic's two schemas. */
export interface SchemaIds {
  key: number;
  value: number;
}

export interface DecodeOptions {
  /** false leaves `before` unread (it comes as null), which saves a third of the work. Default true. */
  before?: boolean;
}

/** Fields of the envelope that are derived from others or always null, so that nobody needs to read them. */
const DERIVED = ['transaction', 'ts_us', 'ts_ns'];

/**
 * Turns the keys and events of one topic into bytes and back, in Confluent's wire format. Synchronous: whoever
 * uses it registers or fetches schemas first. Nothing is lost silently; what cannot be written exactly is an
 * EncodeError, what cannot be read is a DecodeError.
 */
export class TopicCodec {
  readonly entity: EntityName;
  /** JSON text to register under `<topic>-key`. */
  readonly keySchema: string;
  /** JSON text to register under `<topic>-value`. */
  readonly valueSchema: string;
  private readonly keyType: Type;
  private readonly valueType: Type;
  private readonly keyReader: FramedReader;
  private readonly eventReader: FramedReader;
  private readonly afterReader: FramedReader;
  private readonly layout: EntityLayout;

  /** `ids` is needed to encode, and spares giving our own schemas when decoding. */
  constructor(
    schemas: SchemaSet,
    readonly topic: string,
    private readonly parsed: Pick<RecordTopic, 'kind' | 'entity'>,
    private readonly ids: SchemaIds | null = null,
  ) {
    const { entity, kind } = parsed;
    const reading = (...omit: string[]): FramedReader =>
      new FramedReader(schemas.envelopeSchema(topic, entity, kind, { omit: new Set([...DERIVED, ...omit]) }));
    this.entity = entity;
    this.layout = schemas.layout(entity);
    this.keySchema = schemas.keySchema(topic, entity);
    this.valueSchema = schemas.envelopeSchema(topic, entity, kind);
    this.keyType = parseType(this.keySchema);
    this.valueType = parseType(this.valueSchema);
    this.keyReader = new FramedReader(this.keySchema);
    this.eventReader = reading();
    this.afterReader = reading('before');
    if (ids !== null) this.learnOwn(ids);
  }

  /** Kafka key of a record. Throws an EncodeError for a key that has other fields than the entity's. */
  encodeKey(key: RecordKey): Buffer {
    const fields: readonly string[] = KEY_ATTRIBUTES[this.entity];
    const stranger = Object.keys(key).find((field) => !fields.includes(field));
    if (stranger !== undefined) throw new EncodeError(this.entity, stranger, 'the key has no such field');
    for (const field of fields) this.assertText(field, key[field]);
    return encodeFramed(this.keyType, this.idsToEncode().key, key);
  }

  /** Kafka value of an event. Throws an EncodeError that names the attribute or field which does not fit. */
  encodeEvent(event: ChangeEvent): Buffer {
    const { value } = this.idsToEncode();
    const envelope = toEnvelope(event, this.parsed.kind, this.layout);
    try {
      return encodeFramed(this.valueType, value, envelope);
    } catch (error) {
      throw this.faultOf(envelope, error as Error);
    }
  }

  /** `writerSchema` is needed unless `knowsKey` says that this schema id was seen before. */
  decodeKey(bytes: Buffer, writerSchema?: string): RecordKey {
    return { ...(this.keyReader.read(bytes, writerSchema) as RecordKey) };
  }

  /** `writerSchema` is needed unless `knowsEvent` says that this schema id was seen before. */
  decodeEvent(bytes: Buffer, writerSchema?: string, options?: DecodeOptions): ChangeEvent {
    const reader = options?.before === false ? this.afterReader : this.eventReader;
    return fromEnvelope(reader.read(bytes, writerSchema) as AvroEnvelope, this.layout);
  }

  knowsKey(schemaId: number): boolean {
    return this.keyReader.knows(schemaId);
  }

  knowsEvent(schemaId: number): boolean {
    return this.eventReader.knows(schemaId) && this.afterReader.knows(schemaId);
  }

  /** Makes keys written with another schema readable. Throws a DecodeError when they cannot be. */
  learnKey(schemaId: number, writerSchema: string): void {
    this.keyReader.learn(schemaId, writerSchema);
  }

  /** Makes events written with another schema readable. Throws a DecodeError when they cannot be. */
  learnEvent(schemaId: number, writerSchema: string): void {
    this.eventReader.learn(schemaId, writerSchema);
    this.afterReader.learn(schemaId, writerSchema);
  }

  private learnOwn(ids: SchemaIds): void {
    this.learnKey(ids.key, this.keySchema);
    this.learnEvent(ids.value, this.valueSchema);
  }

  private idsToEncode(): SchemaIds {
    if (this.ids === null) throw new Error(`encoding for ${this.topic}: its schemas are not registered`);
    return this.ids;
  }

  private assertText(field: string, value: unknown): void {
    try {
      if (writeText(value) === '') throw new ValueError('the key needs a text here');
    } catch (error) {
      throw new EncodeError(this.entity, field, (error as Error).message);
    }
  }

  /** Finds the field that Avro refused, for attributes were checked before. */
  private faultOf(envelope: unknown, error: Error): EncodeError {
    let fault: EncodeError | null = null;
    this.valueType.isValid(envelope, {
      errorHook: (path, value) => {
        fault ??= new EncodeError(this.entity, path.join('.'), `it is not ${describe(value)}`);
      },
    });
    return fault ?? new EncodeError(this.entity, 'event', error.message);
  }
}
