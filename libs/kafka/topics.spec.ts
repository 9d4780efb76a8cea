import {
  MAX_MESSAGE_BYTES,
  MAX_RECORD_BYTES,
  assertEqualPartitions,
  deadLetterTopicSpec,
  recordTopicSpec,
} from './topics';

describe('topics', () => {
  test('a topic of records keeps every change for seven days and is compacted after that', () => {
    const { config } = recordTopicSpec('millrace.catalog.product', 6);
    const days = (name: string): number => Number(config[name]) / 86_400_000;
    expect(config['cleanup.policy']).toBe('compact');
    expect([days('min.compaction.lag.ms'), days('delete.retention.ms')]).toEqual([7, 7]);
    expect(days('max.compaction.lag.ms')).toBeGreaterThan(days('min.compaction.lag.ms'));
    expect(days('segment.ms')).toBeLessThan(days('min.compaction.lag.ms'));
  });

  test('the largest record fits into its topic, and with error headers into that of dead letters', () => {
    const dead = Number(deadLetterTopicSpec('millrace.dead-letter').config['max.message.bytes']);
    expect(MAX_RECORD_BYTES).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(dead).toBeGreaterThan(MAX_MESSAGE_BYTES + 16_000);
  });

  test('dead letters are not compacted: two of one key are two', () => {
    expect(deadLetterTopicSpec('millrace.dead-letter').config['cleanup.policy']).toBe('delete');
  });

  test('unequal partitions are refused with the odd ones named', () => {
    const topics = [
      { name: 'a', partitions: 6 },
      { name: 'c', partitions: 3 },
      { name: 'b', partitions: 6 },
    ];
    expect(() => assertEqualPartitions(topics)).toThrow(/6 in a, b; 3 in c$/);
    expect(() => assertEqualPartitions(topics.filter(({ partitions }) => partitions === 6))).not.toThrow();
    expect(() => assertEqualPartitions([])).not.toThrow();
  });
});
