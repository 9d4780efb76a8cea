import { deadLetterRecord } from './dead-letter';

describe('dead letter', () => {
  const record = {
    key: Buffer.from([0, 1]),
    value: Buffer.from([9, 9]),
    headers: { 'millrace-id': Buffer.from('id') },
    offset: 7_000_000_000n,
    timestampMs: 5,
  };
  const error = Object.assign(new Error('reading the schema id: 2 bytes are too few'), {
    name: 'DecodeError',
  });

  test('keeps key, value and headers, and adds the ten headers of Kafka Connect', () => {
    const sut = deadLetterRecord(record, { topic: 'millrace.plytix.product', partition: 3 }, error, {
      connector: 'catalog',
      stage: 'VALUE_CONVERTER',
      topic: 'millrace.dead-letter',
      timestampMs: 99,
    });
    expect(sut).toMatchObject({ topic: 'millrace.dead-letter', partition: 0, timestampMs: 99 });
    expect([sut.key, sut.value]).toEqual([record.key, record.value]);
    const headers = Object.entries(sut.headers).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toEqual({
      'millrace-id': 'id',
      '__connect.errors.topic': 'millrace.plytix.product',
      '__connect.errors.partition': '3',
      '__connect.errors.offset': '7000000000',
      '__connect.errors.connector.name': 'catalog',
      '__connect.errors.task.id': '0',
      '__connect.errors.stage': 'VALUE_CONVERTER',
      '__connect.errors.class.name': 'catalog',
      '__connect.errors.exception.class.name': 'DecodeError',
      '__connect.errors.exception.message': error.message,
      '__connect.errors.exception.stacktrace': error.stack,
    });
  });

  test('a tombstone stays one, and an endless message is cut', () => {
    const sut = deadLetterRecord(
      { ...record, key: null, value: null },
      { topic: 'topic', partition: 0 },
      new Error('x'.repeat(1_000_000)),
      { connector: 'catalog', stage: 'KEY_CONVERTER', topic: 'dead' },
    );
    expect([sut.key, sut.value]).toEqual([null, null]);
    const bytes = Object.values(sut.headers).reduce((sum, value) => sum + value.length, 0);
    expect(bytes).toBeLessThan(20_000);
  });
});
