import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import type { LogRecord, RecordBatch } from './event-log';

/** kafkajs' message as a record of the port. */
export function toLogRecord(message: KafkaMessage): LogRecord {
  return {
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
  };
}

/**
 * kafkajs' batch as one of the port. `lastOffset()` counts transaction markers and filtered records, so that
 * the next offset steps over them: a group that commits it has no lag left behind a marker.
 */
export function toRecordBatch(batch: Batch): RecordBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    records: batch.messages.map(toLogRecord),
    nextOffset: BigInt(batch.lastOffset()) + 1n,
    endOffset: BigInt(batch.highWatermark),
  };
}

/** Kafka allows a header name to occur more than once; the last one counts, as in Connect's `lastWithName`. */
function toHeaders(headers: IHeaders | undefined): Record<string, Buffer> {
  const result: Record<string, Buffer> = {};
  for (const [name, raw] of Object.entries(headers ?? {})) {
    const value = Array.isArray(raw) ? raw.at(-1) : raw;
    if (value !== undefined && value !== null) {
      result[name] = typeof value === 'string' ? Buffer.from(value) : value;
    }
  }
  return result;
}
