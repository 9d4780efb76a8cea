import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { openAdmin } from './admin';
import { PATIENT, createClient } from './client';
import { KafkajsSubscription } from './consumer';
import type {
  BatchHandler,
  ConsumeOptions,
  EventLog,
  LogAdmin,
  LogProducer,
  Subscription,
  TransactionalProducer,
} from './event-log';
import { placeOf } from './generation';
import { openProducer, openTransactionalProducer } from './producer';
import type { KafkaSettings } from './settings';

/**
 * The event log on Apache Kafka, by kafkajs 2.2.4. Nothing is connected until a method is called, and each
 * call makes connections of its own. What kafkajs says goes to `logger`; errors are KafkaFaults.
 */
export class KafkajsEventLog implements EventLog {
  constructor(
    private readonly settings: KafkaSettings,
    private readonly logger: Logger,
  ) {}

  async consume(options: ConsumeOptions, handler: BatchHandler): Promise<Subscription> {
    const subscription = new KafkajsSubscription(this.settings, options, handler, this.logger);
    await subscription.start();
    return subscription;
  }

  /**
   * kafkajs knows no consumer without a group, so this is one under a random name that never commits; the
   * group is deleted at the end. With `latest`, all is seen that is written after this call has resolved.
   */
  async read(
    options: { topics: readonly string[]; from: 'earliest' | 'latest' },
    handler: BatchHandler,
  ): Promise<Subscription> {
    const groupId = `${this.settings.clientId}.read.${randomUUID()}`;
    const positions = await this.startPositions(options);
    const withoutCommit: BatchHandler = (batch, context) =>
      handler(batch, {
        signal: context.signal,
        heartbeat: () => context.heartbeat(),
        isStale: () => context.isStale(),
        commit: () => Promise.resolve(),
      });
    const inner = new KafkajsSubscription(
      this.settings,
      { groupId, topics: options.topics, from: options.from },
      withoutCommit,
      this.logger,
      { positions },
    );
    await inner.start();
    let closed: Promise<void> | null = null;
    return {
      pause: (topic, partitions) => inner.pause(topic, partitions),
      resume: (topic, partitions) => inner.resume(topic, partitions),
      seek: (topic, partition, offset) => inner.seek(topic, partition, offset),
      close: () => (closed ??= inner.close().then(() => this.forgetGroup(groupId))),
      ended: inner.ended,
    };
  }

  producer(): Promise<LogProducer> {
    return openProducer(this.settings, this.logger);
  }

  transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    return openTransactionalProducer(this.settings, this.logger, transactionalId);
  }

  admin(): Promise<LogAdmin> {
    return openAdmin(this.settings, this.logger);
  }

  private async startPositions(options: {
    topics: readonly string[];
    from: 'earliest' | 'latest';
  }): Promise<Map<string, bigint>> {
    const positions = new Map<string, bigint>();
    const admin = await this.admin();
    try {
      for (const topic of options.topics) {
        for (const { partition, earliest, latest } of await admin.topicOffsets(topic)) {
          positions.set(placeOf(topic, partition), options.from === 'latest' ? latest : earliest);
        }
      }
    } finally {
      await admin.close();
    }
    return positions;
  }

  /** Without commits the group is empty and would be dropped by the broker anyway, some days later. */
  private async forgetGroup(groupId: string): Promise<void> {
    const admin = createClient(this.settings, this.logger, { ...PATIENT, retries: 2 }).admin();
    try {
      await admin.connect();
      await admin.deleteGroups([groupId]);
    } catch (error) {
      this.logger.debug({ err: error, groupId }, 'deleting the group of a reader');
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
