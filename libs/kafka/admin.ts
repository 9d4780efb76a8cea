import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { createClient } from './client';
import type { GroupLag, LogAdmin, PartitionOffsets, TopicSpec } from './event-log';
import { KafkaConfigError, KafkaFault, errorCode, toKafkaFault } from './faults';
import type { KafkaSettings } from './settings';

/** As many copies as there are brokers, up to the three that survive one loss without a pause. */
const MOST_REPLICAS = 3;
const CREATE_TIMEOUT_MS = 15_000;

/** Connects an admin client. */
export async function openAdmin(settings: KafkaSettings, logger: Logger): Promise<LogAdmin> {
  const admin = createClient(settings, logger).admin();
  try {
    await admin.connect();
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw toKafkaFault(`connecting to Kafka at ${settings.brokers.join(', ')}`, error);
  }
  return new KafkajsAdmin(admin);
}

class KafkajsAdmin implements LogAdmin {
  constructor(private readonly admin: Admin) {}

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    if (specs.length === 0) return;
    const existing = new Map((await this.listTopics()).map(({ name, partitions }) => [name, partitions]));
    assertAsSpecified(specs, existing);
    const missing = specs.filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    await attempt(`creating topics ${missing.map(({ name }) => name).join(', ')}`, async () => {
      const replicationFactor = await this.defaultReplicas();
      await this.admin.createTopics({
        // kafkajs gives up at once when the broker does not know a topic yet that it has just created.
        waitForLeaders: false,
        timeout: CREATE_TIMEOUT_MS,
        topics: missing.map((spec) => ({
          topic: spec.name,
          numPartitions: spec.partitions,
          replicationFactor: spec.replicationFactor ?? replicationFactor,
          configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
        })),
      });
    });
    // Another process may have created them at the same time, from another configuration.
    assertAsSpecified(missing, await this.untilKnown(missing));
  }

  /** Waits until the broker tells of topics that were created; a controller's answer may run ahead of it. */
  private async untilKnown(specs: readonly TopicSpec[]): Promise<ReadonlyMap<string, number>> {
    for (const start = Date.now(); ;) {
      const known = new Map((await this.listTopics()).map(({ name, partitions }) => [name, partitions]));
      const unknown = specs.find(({ name }) => !known.get(name));
      if (unknown === undefined) return known;
      if (Date.now() - start > CREATE_TIMEOUT_MS)
        throw new KafkaFault(
          'transient',
          `creating topic ${unknown.name}: the broker does not know it yet`,
          'topic_pending',
        );
      await delay(20);
    }
  }

  private async defaultReplicas(): Promise<number> {
    const { brokers } = await this.admin.describeCluster();
    return Math.max(1, Math.min(brokers.length, MOST_REPLICAS));
  }

  async listTopics(): Promise<readonly { name: string; partitions: number }[]> {
    const { topics } = await attempt('listing topics', () => this.admin.fetchTopicMetadata());
    return topics
      .filter(({ name }) => !name.startsWith('__'))
      .map(({ name, partitions }) => ({ name, partitions: partitions.length }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async topicOffsets(topic: string): Promise<readonly PartitionOffsets[]> {
    await this.assertExist([topic]);
    return this.offsetsOf(topic);
  }

  /** kafkajs asks for an unknown topic again and again, for minutes. */
  private async assertExist(topics: readonly string[]): Promise<void> {
    const existing = new Set((await this.listTopics()).map(({ name }) => name));
    const missing = topics.find((topic) => !existing.has(topic));
    if (missing === undefined) return;
    throw new KafkaConfigError(`looking up topic ${missing}: it does not exist`, 'unknown_topic');
  }

  private async offsetsOf(topic: string): Promise<readonly PartitionOffsets[]> {
    const offsets = await attemptUntilLed(`reading the offsets of ${topic}`, () =>
      this.admin.fetchTopicOffsets(topic),
    );
    return offsets
      .map(({ partition, low, high }) => ({ partition, earliest: BigInt(low), latest: BigInt(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  async offsetsAt(
    topic: string,
    timestampMs: number,
  ): Promise<readonly { partition: number; offset: bigint }[]> {
    await this.assertExist([topic]);
    const offsets = await attemptUntilLed(`reading the offsets of ${topic} at ${timestampMs}`, () =>
      this.admin.fetchTopicOffsetsByTimestamp(topic, timestampMs),
    );
    return offsets
      .map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }))
      .sort((a, b) => a.partition - b.partition);
  }

  async listGroups(): Promise<readonly string[]> {
    const { groups } = await attempt('listing consumer groups', () => this.admin.listGroups());
    return groups.map(({ groupId }) => groupId).sort();
  }

  async groupLag(groupId: string, topics: readonly string[]): Promise<readonly GroupLag[]> {
    await this.assertExist(topics);
    const committed = await attempt(`reading the offsets of group ${groupId}`, () =>
      this.admin.fetchOffsets({ groupId, topics: [...topics] }),
    );
    return Promise.all(
      committed.map(async ({ topic, partitions }) => {
        const offsets = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
        const ends = await this.offsetsOf(topic);
        return {
          groupId,
          topic,
          partitions: ends.map((end) => lagOf(end, offsets.get(end.partition) ?? -1n)),
        };
      }),
    );
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    const existing = new Set((await this.listTopics()).map(({ name }) => name));
    const doomed = topics.filter((topic) => existing.has(topic));
    if (doomed.length === 0) return;
    await attempt(`deleting topics ${doomed.join(', ')}`, () =>
      this.admin.deleteTopics({ topics: doomed, timeout: CREATE_TIMEOUT_MS }),
    );
  }

  close(): Promise<void> {
    return this.admin.disconnect();
  }
}

/**
 * A committed offset below zero is none (-1), or what a foreign tool left behind (kafkajs' own
 * `resetOffsets({earliest})` commits -2). One below the log's start was overtaken by retention: what is left
 * to read begins at the start.
 */
function lagOf(
  { partition, earliest, latest }: PartitionOffsets,
  offset: bigint,
): GroupLag['partitions'][number] {
  if (offset < 0n) return { partition, committed: null, latest, lag: null };
  const from = offset < earliest ? earliest : offset;
  return { partition, committed: offset, latest, lag: from > latest ? 0n : latest - from };
}

function assertAsSpecified(specs: readonly TopicSpec[], actual: ReadonlyMap<string, number>): void {
  for (const { name, partitions } of specs) {
    const found = actual.get(name);
    if (found !== undefined && found !== partitions) {
      throw new KafkaConfigError(
        `checking topic ${name}: it has ${found} partitions instead of ${partitions}`,
        'unequal_partitions',
      );
    }
  }
}

async function attempt<T>(doing: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toKafkaFault(doing, error);
  }
}

/** What a broker answers while a topic is new, or while it comes back: nobody leads the partition yet. */
const UNLED = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'OFFSET_NOT_AVAILABLE',
]);
const UNLED_FOR_MS = 10_000;

/** As `attempt`, and again while a partition has no leader; kafkajs takes that for the answer. */
async function attemptUntilLed<T>(doing: string, step: () => Promise<T>): Promise<T> {
  for (const start = Date.now(); ;) {
    try {
      return await step();
    } catch (error) {
      if (!UNLED.has(errorCode(error)) || Date.now() - start > UNLED_FOR_MS) throw toKafkaFault(doing, error);
      await delay(50);
    }
  }
}
