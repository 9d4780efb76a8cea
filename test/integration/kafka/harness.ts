import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { KafkajsEventLog } from '#kafka';
import type { EventLog, LogRecord, ProducerRecord, RecordBatch, Subscription, TopicSpec } from '#kafka';
import { testNamespace } from '../../support/stack';

/** Silent unless a test fails to explain itself: MILLRACE_LOG_LEVEL=debug shows what kafkajs does. */
export const testLogger = pino({ level: process.env['MILLRACE_LOG_LEVEL'] ?? 'silent' });

/** Waits until `isTrue`, or fails with what was waited for. */
export async function waitFor(what: string, isTrue: () => boolean | Promise<boolean>, limitMs = 30_000) {
  const deadline = Date.now() + limitMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waiting for ${what}: not within ${limitMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A real broker, topics of its own, and everything that is opened on it closed at the end. */
export class LogHarness {
  private readonly opened: { close(): Promise<void> }[] = [];

  private constructor(
    readonly log: EventLog,
    readonly prefix: string,
    readonly registryUrl: string,
    private readonly dropAll: () => Promise<void>,
  ) {}

  static async create(): Promise<LogHarness> {
    const { brokers, topicPrefix, registryUrl, dropAll } = await testNamespace();
    const log = new KafkajsEventLog({ brokers, clientId: topicPrefix }, testLogger);
    return new LogHarness(log, topicPrefix, registryUrl, dropAll);
  }

  async topic(partitions = 1, config: TopicSpec['config'] = {}): Promise<string> {
    const name = `${this.prefix}.${randomUUID()}`;
    const admin = await this.log.admin();
    await admin.ensureTopics([{ name, partitions, config }]);
    await admin.close();
    return name;
  }

  group(): string {
    return `${this.prefix}.${randomUUID()}`;
  }

  /** Closes it when the test ends. */
  own<T extends { close(): Promise<void> }>(resource: T): T {
    this.opened.push(resource);
    return resource;
  }

  async publish(records: readonly ProducerRecord[]): Promise<void> {
    const producer = await this.log.transactionalProducer(`${this.prefix}.${randomUUID()}`);
    const transaction = await producer.begin();
    await transaction.send(records);
    await transaction.commit();
    await producer.close();
  }

  /** Everything that a reader from the start sees in a topic, in the order of arrival. */
  async collect(
    topic: string,
  ): Promise<{ batches: RecordBatch[]; records: LogRecord[]; reader: Subscription }> {
    const batches: RecordBatch[] = [];
    const records: LogRecord[] = [];
    const reader = await this.log.read({ topics: [topic], from: 'earliest' }, async (batch) => {
      batches.push(batch);
      records.push(...batch.records);
    });
    return { batches, records, reader: this.own(reader) };
  }

  async lag(groupId: string, topic: string): Promise<(bigint | null)[]> {
    const admin = await this.log.admin();
    const [lag] = await admin.groupLag(groupId, [topic]);
    await admin.close();
    return lag!.partitions.map((partition) => partition.lag);
  }

  /** Closes what the test has opened, last first. */
  async close(): Promise<void> {
    for (const resource of this.opened.splice(0).toReversed()) await resource.close();
  }

  /** Leaves nothing behind on the shared stack. */
  async dispose(): Promise<void> {
    await this.close();
    await this.dropAll();
  }
}

export function record(topic: string, value: string | null, partition = 0): ProducerRecord {
  return {
    topic,
    partition,
    key: Buffer.from('key'),
    value: value === null ? null : Buffer.from(value),
    headers: { 'millrace-id': 'id' },
    timestampMs: Date.now(),
  };
}

export function texts(records: readonly LogRecord[]): (string | null)[] {
  return records.map(({ value }) => value?.toString() ?? null);
}
