/**
 * What a single broker of Millrace is configured with, wherever it runs: `docker-compose.yml` gives the same
 * settings to its container, and a test compares the two. Addresses and directories are not in here.
 */
export const KAFKA_SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'CLIENT',
  // Topics are created with their partitions and policies by Millrace; a typing error must not make one.
  'auto.create.topics.enable': 'false',
  // A restarted KRaft broker waits until its former session has expired (9 s by default): back in 5 to 8 s so.
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
  // One node: one copy, and few partitions of the internal topics (50 by default).
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '6',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '6',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'num.network.threads': '2',
  'num.io.threads': '4',
};
