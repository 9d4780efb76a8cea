import type { TopicSpec } from './event-log';
import { KafkaConfigError } from './faults';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** How long the chain of changes of a record is whole, and how long a tombstone is kept. */
export const CHANGE_WINDOW_MS = 7 * DAY_MS;

/** Largest record batch that a topic accepts. Consumers get one that exceeds their fetch size all the same (KIP-74). */
export const MAX_MESSAGE_BYTES = 2 * 1_024 * 1_024;

/**
 * Largest record that may be put in an outbox, by `recordBytes`: a record batch of one, with its own header,
 * must stay below MAX_MESSAGE_BYTES.
 */
export const MAX_RECORD_BYTES = MAX_MESSAGE_BYTES - 1_024;

/**
 * A topic of records: compacted, so that it always holds the last state of every key, with a window in which
 * no change is compacted away.
 *
 * - `min.compaction.lag.ms` and `delete.retention.ms`: seven days (design: the chain of `before` and `after`
 *   is whole, and a reader from the start that needs less sees every tombstone).
 * - `segment.ms`: one day. Only closed segments are compacted; with Kafka's default of seven days a quiet
 *   topic of product data would hold most of its garbage a second week.
 * - `max.compaction.lag.ms`: fourteen days. Without it a topic whose share of garbage stays below
 *   `min.cleanable.dirty.ratio` is never compacted and keeps deleted values for ever.
 * - `message.timestamp.type`: the producer's time, which is the database's clock and part of the record.
 *
 * Replication is the cluster's affair: by default as many replicas as there are brokers, at most three. With
 * three, set `min.insync.replicas=2` on the cluster; producers ask for acks=all.
 * Source: https://kafka.apache.org/documentation/#topicconfigs
 */
export function recordTopicSpec(name: string, partitions: number): TopicSpec {
  return {
    name,
    partitions,
    config: {
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': String(CHANGE_WINDOW_MS),
      'max.compaction.lag.ms': String(2 * CHANGE_WINDOW_MS),
      'delete.retention.ms': String(CHANGE_WINDOW_MS),
      'segment.ms': String(DAY_MS),
      'max.message.bytes': String(MAX_MESSAGE_BYTES),
      'message.timestamp.type': 'CreateTime',
    },
  };
}

/**
 * The topic of records that could not be decoded. Nothing in it supersedes anything else, so it is not
 * compacted; thirty days are enough for somebody to come back from holidays and look. It takes a record of
 * the largest size with its error headers.
 */
export function deadLetterTopicSpec(name: string, partitions = 1): TopicSpec {
  return {
    name,
    partitions,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(30 * DAY_MS),
      'segment.ms': String(DAY_MS),
      'max.message.bytes': String(MAX_MESSAGE_BYTES + 64 * 1_024),
    },
  };
}

/**
 * All topics that are keyed by product must have the same number of partitions: the place of a product's
 * records follows from that number, and consumers rely on a tree being in one partition number throughout.
 * Throws a KafkaConfigError that names the odd ones.
 */
export function assertEqualPartitions(topics: readonly { name: string; partitions: number }[]): void {
  const counts = new Map<number, string[]>();
  for (const { name, partitions } of topics) {
    counts.set(partitions, [...(counts.get(partitions) ?? []), name]);
  }
  if (counts.size <= 1) return;
  const groups = [...counts]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([partitions, names]) => `${partitions} in ${names.sort().join(', ')}`);
  throw new KafkaConfigError(
    `comparing the partitions of topics keyed by product: they must be equal, but there are ${groups.join('; ')}`,
    'unequal_partitions',
  );
}
