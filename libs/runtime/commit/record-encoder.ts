/** Turns changes into the bytes and headers that the outbox keeps. No network: codecs are made at start. */
import { randomBytes } from 'node:crypto';
import { recordHeaders } from '#contracts';
import type { ChangeEvent, EncodedRecord, EntityName, SourceBlock, SystemName, TopicCodec } from '#contracts';
import type { RecordChange } from './record-change';

/** Version of Millrace, as `source.version` tells it. */
export const MILLRACE_VERSION = '0.1.0';

/** A topic of records and the codec of its registered schemas. */
export interface TopicOutput {
  topic: string;
  codec: TopicCodec;
}

export interface RecordEncoderOptions {
  /** `plytix`; `millrace` for golden records. */
  connector: string;
  /** `source.name`: the system, or `catalog`. */
  name: string;
  /** The system that speaks; `catalog` for golden records. */
  system: SystemName;
  outputs: ReadonlyMap<EntityName, TopicOutput>;
  /** Largest value that a topic takes, bytes. Default 900,000: below the broker's 1 MiB with room for headers. */
  maxValueBytes?: number;
}

/** What all changes of one commit share. */
export interface EncodeContext {
  now: Date;
  snapshot: boolean;
  rulesVersion?: number;
  traceparent: string;
}

/** Thrown for a record that does not fit: its key is held, and the rest of the batch goes on. */
export class RecordTooLarge extends Error {
  override name = 'RecordTooLarge';
  constructor(
    readonly change: RecordChange,
    readonly bytes: number,
  ) {
    super(`publishing ${change.entity} ${Object.values(change.key).join('/')}: ${bytes} bytes are too many`);
  }
}

/** Largest value by default, bytes. */
const MAX_VALUE_BYTES = 900_000;

export class RecordEncoder {
  constructor(private readonly options: RecordEncoderOptions) {}

  /** The event and, for a delete, its tombstone. Throws `RecordTooLarge` or the codec's `EncodeError`. */
  encode(change: RecordChange, context: EncodeContext): EncodedRecord[] {
    const output = this.options.outputs.get(change.entity);
    if (!output) throw new Error(`encoding a ${change.entity}: no topic was prepared for it`);
    const { topic, codec } = output;
    const value = codec.encodeEvent(this.event(change, context));
    const limit = this.options.maxValueBytes ?? MAX_VALUE_BYTES;
    if (value.length > limit) throw new RecordTooLarge(change, value.length);
    const key = codec.encodeKey(change.key);
    const timestampMs = context.now.getTime();
    const headers = recordHeaders({
      topic,
      entity: change.entity,
      hubId: change.hubId,
      productId: change.productId,
      version: change.version,
      keyBytes: key,
      key: change.key,
      op: change.op,
      timestampMs,
      traceparent: context.traceparent,
      newKey: change.newKey && codec.encodeKey(change.newKey),
      oldKey: change.oldKey && codec.encodeKey(change.oldKey),
    });
    const record = { topic, partition: change.partition, key, headers, timestampMs };
    return change.op === 'd'
      ? [
          { ...record, value },
          { ...record, value: null },
        ]
      : [{ ...record, value }];
  }

  private event(change: RecordChange, context: EncodeContext): ChangeEvent {
    const { hubId, productId, before, after } = change;
    return {
      before: before && {
        hub_id: hubId,
        product_id: before.productId,
        version: before.version,
        attributes: before.attributes,
      },
      after: after && { hub_id: hubId, product_id: productId, version: change.version, attributes: after },
      source: this.source(change, context),
      op: change.op,
      ts_ms: context.now.getTime(),
      ...(change.provenance && { provenance: change.provenance, rules_version: context.rulesVersion ?? 0 }),
    };
  }

  private source(change: RecordChange, context: EncodeContext): SourceBlock {
    const { connector, name, system } = this.options;
    const known = change.after ?? change.before?.attributes ?? {};
    return {
      version: MILLRACE_VERSION,
      connector,
      name,
      ts_ms: change.changedAtMs,
      snapshot: context.snapshot ? 'true' : 'false',
      db: '',
      sequence: String(change.version),
      ts_us: change.changedAtMs * 1_000,
      ts_ns: BigInt(Math.round(change.changedAtMs)) * 1_000_000n,
      system,
      entity: change.entity,
      vendor_id: change.vendorId,
      vendor_time: change.vendorTime,
      supplied: Object.keys(known).sort(),
      echo: false,
    };
  }
}

/** A new trace for one batch, in W3C Trace Context's form. */
export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
