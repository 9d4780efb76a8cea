import type { ProducerRecord } from './event-log';

/** kafkajs makes one record batch of all records of a partition in a request; brokers accept 1 MB by default. */
export const MAX_BATCH_BYTES = 900_000;

/** Keeps requests well below `socket.request.max.bytes` (100 MB) and memory in bounds. */
export const MAX_REQUEST_BYTES = 8_000_000;

/** Lengths, attributes, offset and time deltas of one record, generously. */
const RECORD_OVERHEAD_BYTES = 40;

/** Upper estimate of what a record takes in a record batch. */
export function recordBytes(record: Pick<ProducerRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = RECORD_OVERHEAD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of Object.entries(record.headers)) {
    bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}

/**
 * Cuts records into requests, in order, such that no request holds more than `maxBatchBytes` for one
 * partition. A single record above that gets a request without others of its partition: whether the topic
 * accepts it is the broker's answer.
 */
export function splitRecords(
  records: readonly ProducerRecord[],
  maxBatchBytes = MAX_BATCH_BYTES,
  maxRequestBytes = MAX_REQUEST_BYTES,
): ProducerRecord[][] {
  const requests: ProducerRecord[][] = [];
  let current: ProducerRecord[] = [];
  let requestBytes = 0;
  let batchBytes = new Map<string, number>();
  for (const record of records) {
    const bytes = recordBytes(record);
    const place = `${record.topic}/${record.partition}`;
    const inBatch = batchBytes.get(place) ?? 0;
    const full =
      (inBatch > 0 && inBatch + bytes > maxBatchBytes) ||
      (requestBytes > 0 && requestBytes + bytes > maxRequestBytes);
    if (full) {
      requests.push(current);
      current = [];
      requestBytes = 0;
      batchBytes = new Map();
    }
    current.push(record);
    requestBytes += bytes;
    batchBytes.set(place, (batchBytes.get(place) ?? 0) + bytes);
  }
  if (current.length > 0) requests.push(current);
  return requests;
}
