/** Brings batches of source topics into the catalog, and commits their offsets after the database. */
import { HEADER } from '#contracts';
import { deadLetterRecord } from '#kafka';
import type { BatchContext, DecodedRecord, EventDecoder, LogProducer, LogRecord, RecordBatch } from '#kafka';
import type { Logger } from '#telemetry';
import { isDataError } from '../commit/database-errors';
import { commitNarrowing } from '../commit/narrow';
import { RecordTooLarge } from '../commit/record-encoder';
import type { ExceptionJournal } from '../exceptions';
import type { CatalogCommitter } from './catalog-committer';
import type { SourceEvent } from './catalog-model';

export interface CatalogConsumerOptions {
  committer: CatalogCommitter;
  decoder: EventDecoder;
  journal: ExceptionJournal;
  deadLetters: LogProducer;
  deadLetterTopic: string;
  logger: Logger;
  /** Events in one commit at most. Default 500. */
  maxEvents?: number;
}

/** A source event with the record that brought it. */
interface Delivered {
  event: SourceEvent;
  record: LogRecord;
}

const MAX_EVENTS = 500;

export class CatalogConsumer {
  constructor(private readonly options: CatalogConsumerOptions) {}

  /**
   * Applies one batch. The offset is committed after PostgreSQL: a crash in between brings the batch again,
   * and finds every sequence applied. A rejection brings it again too.
   */
  async handle(batch: RecordBatch, context: BatchContext): Promise<void> {
    const delivered: Delivered[] = [];
    for (const decoded of await this.options.decoder.decodeBatch(batch)) {
      if (!decoded.ok) await this.reportUndecodable(batch, decoded.record, decoded.reason);
      else {
        const event = toSourceEvent(decoded);
        if (event) delivered.push({ event, record: decoded.record });
      }
    }
    const size = this.options.maxEvents ?? MAX_EVENTS;
    for (let start = 0; start < delivered.length; start += size) {
      if (context.isStale()) return;
      await this.apply(batch, delivered.slice(start, start + size));
      await context.heartbeat();
    }
    await context.commit(batch.nextOffset);
  }

  private async apply(batch: RecordBatch, delivered: readonly Delivered[]): Promise<void> {
    await commitNarrowing(
      delivered,
      async (part) => void (await this.options.committer.commit(part.map(({ event }) => event))),
      ({ record, event }, cause) => this.reportPoison(batch, record, event, cause),
      isPoison,
    );
  }

  /** Kept with its bytes for people; its key waits for the next event of the record, all others go on. */
  private async reportUndecodable(batch: RecordBatch, record: LogRecord, reason: string): Promise<void> {
    const { topic, partition } = batch;
    await this.sendToDeadLetters(batch, record, new Error(reason));
    await this.options.journal.open({
      class: 'undecodable',
      severity: 'error',
      recordKey: `${topic}/${partition}@${record.offset}`,
      message: `decoding a record of ${topic}: ${reason}`,
      original: {
        key: record.key?.toString('base64') ?? null,
        value: record.value?.toString('base64') ?? null,
      },
      topic,
      partition,
      offset: record.offset,
    });
  }

  private async reportPoison(
    batch: RecordBatch,
    record: LogRecord,
    event: SourceEvent,
    cause: unknown,
  ): Promise<void> {
    const { topic, partition } = batch;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    await this.sendToDeadLetters(batch, record, error);
    const { system, entity, hubId } = event;
    const message = `taking ${system} ${entity} ${hubId} into the catalog: ${error.message}`;
    const place = { topic, partition, offset: record.offset };
    const original = event.attributes;
    await this.options.journal.open({
      class: 'undecodable',
      severity: 'error',
      system,
      entity,
      hubId,
      message,
      original,
      ...place,
    });
  }

  private async sendToDeadLetters(batch: RecordBatch, record: LogRecord, error: Error): Promise<void> {
    const topic = this.options.deadLetterTopic;
    const letter = deadLetterRecord(record, batch, error, {
      connector: 'catalog',
      stage: 'VALUE_CONVERTER',
      topic,
    });
    await this.options.deadLetters.send([letter]);
  }
}

function isPoison(error: unknown): boolean {
  return (
    isDataError(error) ||
    error instanceof RecordTooLarge ||
    (error instanceof Error && error.name === 'EncodeError')
  );
}

/**
 * A decoded record as the catalog takes it. null for what carries no news of a record: tombstones, which
 * follow their `d`, and the `d` of a re-key, for whoever keeps state by hub_id ignores both.
 */
export function toSourceEvent(decoded: DecodedRecord): SourceEvent | null {
  const { event, identity, entity } = decoded;
  if (event === null) return null;
  const { system, vendor_id: vendorId, ts_ms: changedAtMs } = event.source;
  if (event.op === 'd' && decoded.record.headers[HEADER.newKey] !== undefined) return null;
  if (entity !== 'product' && entity !== 'variant') return null;
  return {
    system,
    entity,
    hubId: identity.hubId,
    productId: identity.productId,
    sequence: identity.version,
    attributes: event.after?.attributes ?? null,
    eventId: identity.ceId,
    changedAtMs,
    vendorId,
  };
}
