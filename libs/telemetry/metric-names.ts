/**
 * Every metric that Millrace exposes, with its help text and labels: the one place where names are made.
 * Ours are `millrace_<noun>_<unit>` (`_total` for counters). Label values come from bounded lists; a product
 * code or an id is never a label.
 *
 * Names of lag follow Kafka Lag Exporter (`kafka_consumergroup_group_*`, `kafka_partition_*`,
 * https://github.com/seglo/kafka-lag-exporter), which existing dashboards already draw.
 */
export interface MetricSpec<L extends string> {
  name: string;
  help: string;
  labels: readonly L[];
}

const spec = <const L extends string>(name: string, help: string, labels: readonly L[]): MetricSpec<L> => ({
  name,
  help,
  labels,
});

export const COUNTERS = {
  observations: spec('millrace_source_observations_total', 'Records that source connectors reported.', [
    'system',
    'entity',
    'kind',
  ]),
  sourceEvents: spec('millrace_source_events_total', 'Change events derived from observations.', [
    'system',
    'entity',
    'op',
  ]),
  polls: spec('millrace_source_polls_total', 'Passes over a source, by how they ended.', [
    'system',
    'outcome',
  ]),
  vendorRequests: spec(
    'millrace_vendor_requests_total',
    'HTTP requests to vendors, by status or fault code.',
    ['system', 'code'],
  ),
  commits: spec('millrace_commit_batches_total', 'Batches brought to commit, by how they ended.', [
    'stage',
    'outcome',
  ]),
  published: spec('millrace_publisher_records_total', 'Records published to Kafka.', ['shard']),
  publisherTransactions: spec(
    'millrace_publisher_transactions_total',
    'Kafka transactions, by how they ended.',
    ['shard', 'outcome'],
  ),
  leaseChanges: spec('millrace_lease_changes_total', 'Leases taken and lost by this process.', [
    'kind',
    'change',
  ]),
  goldenEvents: spec('millrace_catalog_events_total', 'Golden change events made.', ['entity', 'op']),
  refusedValues: spec('millrace_refused_values_total', 'Values that a hard denial refused.', [
    'system',
    'entity',
    'attribute',
  ]),
  sinkWrites: spec('millrace_sink_writes_total', 'Writes to a target, by outcome.', [
    'sink',
    'entity',
    'outcome',
  ]),
  exceptions: spec('millrace_exceptions_total', 'Sync exceptions raised.', ['class']),
  deadLetters: spec('millrace_dead_letters_total', 'Records sent to the dead-letter topic.', ['stage']),
} as const;

export const GAUGES = {
  goldenRecords: spec('millrace_golden_records', 'Live golden records.', ['entity']),
  openExceptions: spec('millrace_open_exceptions', 'Sync exceptions that are not resolved.', [
    'class',
    'severity',
  ]),
  deniedOccurrences: spec('millrace_denied_occurrences', 'Refused values on record, with repeats.', [
    'system',
    'entity',
  ]),
  outboxRows: spec('millrace_outbox_rows', 'Committed batches that wait for their publisher.', ['shard']),
  sourceReady: spec(
    'millrace_source_streaming',
    '1 when a source task streams, 0 before and when nobody holds it.',
    ['system', 'task'],
  ),
  sourcePollAge: spec('millrace_source_poll_age_seconds', 'Time since a source task last looked.', [
    'system',
    'task',
  ]),
  groupOffset: spec('kafka_consumergroup_group_offset', 'Committed offset of a group.', [
    'group',
    'topic',
    'partition',
  ]),
  groupLag: spec('kafka_consumergroup_group_lag', 'Records that a group has not committed yet.', [
    'group',
    'topic',
    'partition',
  ]),
  groupMaxLag: spec('kafka_consumergroup_group_max_lag', 'Largest partition lag of a group.', ['group']),
  groupSumLag: spec('kafka_consumergroup_group_sum_lag', 'Lag of a group over all its topics.', ['group']),
  groupTopicSumLag: spec('kafka_consumergroup_group_topic_sum_lag', 'Lag of a group in one topic.', [
    'group',
    'topic',
  ]),
  partitionLatest: spec('kafka_partition_latest_offset', 'End offset of a partition.', [
    'topic',
    'partition',
  ]),
} as const;

export const HISTOGRAMS = {
  commitSeconds: {
    ...spec('millrace_commit_duration_seconds', 'Time of one commit, lock to answer.', ['stage']),
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  publishSeconds: {
    ...spec('millrace_publish_duration_seconds', 'Time of one Kafka transaction.', ['shard']),
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  sinkSeconds: {
    ...spec('millrace_sink_write_duration_seconds', 'Time of one batch written to a target.', ['sink']),
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  arrivalSeconds: {
    ...spec('millrace_arrival_seconds', 'Time from the change in the source to the write in the target.', [
      'sink',
    ]),
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600],
  },
} as const;
