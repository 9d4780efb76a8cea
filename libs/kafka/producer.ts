import type { Message, PartitionerArgs, Producer, ProducerBatch } from 'kafkajs';
import type { Logger } from 'pino';
import { SENDING, TRANSACTIONAL, createClient } from './client';
import type { LogProducer, LogTransaction, ProducerRecord, TransactionalProducer } from './event-log';
import { KafkaFault, toKafkaFault } from './faults';
import type { KafkaSettings } from './settings';
import { splitRecords } from './split-records';

/** The broker ends a transaction that is open for longer: a publisher's transaction takes milliseconds. */
const TRANSACTION_TIMEOUT_MS = 30_000;

/** Every record names its partition, and kafkajs asks for each of them. */
const ownPartition =
  () =>
  ({ message }: PartitionerArgs): number => {
    if (message.partition !== undefined) return message.partition;
    throw new KafkaFault('system', 'choosing a partition: every record must name its own', 'no_partition');
  };

const ALL_REPLICAS = -1;

function toKafkajsBatch(records: readonly ProducerRecord[]): ProducerBatch {
  const byTopic = new Map<string, Message[]>();
  for (const record of records) {
    const messages = byTopic.get(record.topic) ?? [];
    messages.push({
      partition: record.partition,
      key: record.key,
      value: record.value,
      headers: record.headers,
      timestamp: String(record.timestampMs),
    });
    byTopic.set(record.topic, messages);
  }
  return {
    acks: ALL_REPLICAS,
    topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
  };
}

function describe(records: readonly ProducerRecord[]): string {
  const topics = [...new Set(records.map(({ topic }) => topic))];
  return `sending ${records.length} ${records.length === 1 ? 'record' : 'records'} to ${topics.join(', ')}`;
}

/** Connects a plain idempotent producer: a record is written once, in order, or `send` rejects. */
export async function openProducer(settings: KafkaSettings, logger: Logger): Promise<LogProducer> {
  const producer = createClient(settings, logger, SENDING).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: ownPartition,
    // Fewer retries than kafkajs' "for ever" can double nothing here: after a failed send the caller decides.
    retry: SENDING,
  });
  await connect(producer, 'connecting a producer');
  return {
    async send(records) {
      try {
        for (const request of splitRecords(records)) await producer.sendBatch(toKafkajsBatch(request));
      } catch (error) {
        throw toKafkaFault(describe(records), error);
      }
    },
    close: () => producer.disconnect(),
  };
}

/**
 * Connects a producer with the given transactional id. It has touched nothing at the broker until `fence()`
 * or `begin()`. It serves one transaction at a time and is spoilt by its first failure.
 */
export async function openTransactionalProducer(
  settings: KafkaSettings,
  logger: Logger,
  transactionalId: string,
): Promise<TransactionalProducer> {
  const producer = createClient(settings, logger, TRANSACTIONAL).producer({
    transactionalId,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    // Sends of a transaction are idempotent in kafkajs whatever is set; `idempotent` would only initialise a
    // second producer id, for sends outside of transactions.
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: ownPartition,
    retry: TRANSACTIONAL,
  });
  await connect(producer, `connecting producer ${transactionalId}`);
  return new KafkajsTransactionalProducer(producer, transactionalId);
}

async function connect(producer: Producer, doing: string): Promise<void> {
  try {
    await producer.connect();
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw toKafkaFault(doing, error);
  }
}

class KafkajsTransactionalProducer implements TransactionalProducer {
  private failure: unknown = null;

  constructor(
    private readonly producer: Producer,
    private readonly transactionalId: string,
  ) {}

  async fence(): Promise<void> {
    await this.guard(`fencing producer ${this.transactionalId}`, async () => {
      const transaction = await this.producer.transaction();
      await transaction.abort();
    });
  }

  async begin(): Promise<LogTransaction> {
    const name = `of producer ${this.transactionalId}`;
    const transaction = await this.guard(`beginning a transaction ${name}`, () =>
      this.producer.transaction(),
    );
    return {
      send: (records) =>
        this.guard(`${describe(records)} in a transaction ${name}`, async () => {
          for (const request of splitRecords(records)) await transaction.sendBatch(toKafkajsBatch(request));
        }),
      commit: () => this.guard(`committing a transaction ${name}`, () => transaction.commit()),
      abort: () => this.guard(`aborting a transaction ${name}`, () => transaction.abort()),
    };
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }

  /** After one failure nothing is tried again: what the broker holds is then unknown. */
  private async guard<T>(doing: string, step: () => Promise<T>): Promise<T> {
    if (this.failure !== null) {
      throw new KafkaFault('transient', `${doing}: the producer has failed before`, 'spoilt_producer', {
        cause: this.failure,
      });
    }
    try {
      return await step();
    } catch (error) {
      const fault = toKafkaFault(doing, error);
      this.failure = fault;
      throw fault;
    }
  }
}
