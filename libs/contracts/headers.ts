import { ceId } from './ce-id';
import type { EntityName, HubId, Op, RecordKey } from './types';

/** Names of the headers that Millrace puts on its records. */
export const HEADER = {
  /** Sequence or version, 8 bytes, big-endian. */
  version: 'millrace-version',
  hubId: 'millrace-id',
  productId: 'millrace-product-id',
  /** Id of the replay that the record belongs to; not there in normal operation. */
  replay: 'millrace-replay',
  contentType: 'content-type',
  ceId: 'ce_id',
  ceSource: 'ce_source',
  ceSpecVersion: 'ce_specversion',
  ceType: 'ce_type',
  ceTime: 'ce_time',
  ceSubject: 'ce_subject',
  /** W3C Trace Context. */
  traceparent: 'traceparent',
  /** Debezium: on the `d` and tombstone of a record that goes on under another key; bytes of that key. */
  newKey: '__debezium.newkey',
  /** Debezium: on the `c` of a record that had another key before; bytes of that key. */
  oldKey: '__debezium.oldkey',
} as const;

/** What the headers of a record tell. */
export interface RecordHeaderFields {
  topic: string;
  entity: EntityName;
  hubId: HubId;
  productId: HubId;
  /** Sequence of a source record, version of a golden one. */
  version: number;
  /** Bytes of the Kafka key. */
  keyBytes: Buffer;
  key: RecordKey;
  /** `d` for tombstones too. */
  op: Op;
  /** When the event was made, milliseconds since the epoch. */
  timestampMs: number;
  traceparent?: string;
  newKey?: Buffer;
  oldKey?: Buffer;
  replay?: string;
}

const CE_TYPE: Readonly<Record<Op, string>> = { r: 'read', c: 'created', u: 'updated', d: 'deleted' };

/**
 * The headers of a record or tombstone: Millrace's own and CloudEvents 1.0 in binary mode
 * (github.com/cloudevents/spec, cloudevents/bindings/kafka-protocol-binding.md), where the absence of a value
 * is an event without data. Throws a RangeError for a version that is not a positive integer.
 */
export function recordHeaders(fields: RecordHeaderFields): Record<string, string | Buffer> {
  const { topic, hubId, version, keyBytes } = fields;
  const headers: Record<string, string | Buffer> = {
    [HEADER.version]: versionBytes(version),
    [HEADER.hubId]: hubId,
    [HEADER.productId]: fields.productId,
    [HEADER.ceId]: ceId({ topic, hubId, key: keyBytes, version }),
    [HEADER.ceSource]: `/${topic.replaceAll('.', '/')}`,
    [HEADER.ceSpecVersion]: '1.0',
    [HEADER.ceType]: `millrace.${fields.entity}.${CE_TYPE[fields.op]}`,
    [HEADER.ceTime]: new Date(fields.timestampMs).toISOString(),
    [HEADER.ceSubject]: Object.values(fields.key).join('/'),
    [HEADER.contentType]: 'application/avro',
  };
  if (fields.traceparent !== undefined) headers[HEADER.traceparent] = fields.traceparent;
  if (fields.newKey !== undefined) headers[HEADER.newKey] = fields.newKey;
  if (fields.oldKey !== undefined) headers[HEADER.oldKey] = fields.oldKey;
  if (fields.replay !== undefined) headers[HEADER.replay] = fields.replay;
  return headers;
}

/** What a consumer needs of a record before it decodes it. */
export interface RecordIdentity {
  hubId: HubId;
  productId: HubId;
  version: number;
  ceId: string;
}

/** Reads the headers of a record; null when they are not those of one of our records. */
export function readRecordHeaders(
  headers: Readonly<Record<string, string | Buffer | undefined>>,
): RecordIdentity | null {
  const version = readVersion(headers[HEADER.version]);
  const hubId = headers[HEADER.hubId]?.toString();
  const productId = headers[HEADER.productId]?.toString();
  const id = headers[HEADER.ceId]?.toString();
  if (version === null || !hubId || !productId || !id) return null;
  return { hubId, productId, version, ceId: id };
}

function versionBytes(version: number): Buffer {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new RangeError(`writing the header ${HEADER.version}: ${version} is not a version`);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(version));
  return bytes;
}

function readVersion(bytes: string | Buffer | undefined): number | null {
  if (!Buffer.isBuffer(bytes) || bytes.length !== 8) return null;
  const version = Number(bytes.readBigUInt64BE());
  return Number.isSafeInteger(version) && version > 0 ? version : null;
}
