import type { LogRecord, ProducerRecord, RecordBatch } from './event-log';

/** Stages of Kafka Connect's error headers that Millrace has. */
export type ErrorStage = 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'HEADER_CONVERTER' | 'TASK_PUT';

export interface DeadLetterOptions {
  /** Name of the connector or app that could not use the record. */
  connector: string;
  stage: ErrorStage;
  /** The dead-letter topic. */
  topic: string;
  /** Default 0. */
  partition?: number;
  /** Default `0`: which task of the connector. */
  taskId?: string;
  /** Default: now. Not the record's own time, by which an old record would be deleted at once. */
  timestampMs?: number;
}

/** Together with a record of the largest size these must still fit into the dead-letter topic. */
const MAX_MESSAGE_CHARACTERS = 4_000;
const MAX_STACK_CHARACTERS = 12_000;

const PREFIX = '__connect.errors.';

/**
 * The record of the dead-letter topic for one that could not be used: key, value and headers as they were,
 * and Kafka Connect's ten error headers, which its tooling reads.
 * Source: apache/kafka, connect/runtime, DeadLetterQueueReporter.java (KIP-298).
 */
export function deadLetterRecord(
  record: LogRecord,
  batch: Pick<RecordBatch, 'topic' | 'partition'>,
  error: Error,
  options: DeadLetterOptions,
): ProducerRecord {
  const { connector, stage, topic, partition = 0, taskId = '0', timestampMs = Date.now() } = options;
  const texts: Record<string, string> = {
    topic: batch.topic,
    partition: String(batch.partition),
    offset: String(record.offset),
    'connector.name': connector,
    'task.id': taskId,
    stage,
    'class.name': connector,
    'exception.class.name': error.name,
    'exception.message': error.message.slice(0, MAX_MESSAGE_CHARACTERS),
    'exception.stacktrace': (error.stack ?? error.message).slice(0, MAX_STACK_CHARACTERS),
  };
  const errors = Object.entries(texts).map(
    ([name, text]) => [`${PREFIX}${name}`, Buffer.from(text)] as const,
  );
  return {
    topic,
    partition,
    key: record.key,
    value: record.value,
    headers: { ...record.headers, ...Object.fromEntries(errors) },
    timestampMs,
  };
}
