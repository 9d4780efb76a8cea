import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';
import { KafkaConfigError, ProducerFencedError, errorCode, isRebalance, toKafkaFault } from './faults';

const protocolError = (type: string, code: number): KafkaJSProtocolError =>
  Object.assign(new KafkaJSProtocolError(new Error(`the broker said ${type}`)), { type, code });

const afterRetries = (cause: Error): Error =>
  Object.assign(new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 5, retryTime: 100 }), { cause });

describe('Kafka faults', () => {
  test('the cause below kafkajs retries decides', () => {
    const fault = toKafkaFault('sending', afterRetries(protocolError('TOPIC_AUTHORIZATION_FAILED', 29)));
    expect(fault).toBeInstanceOf(KafkaConfigError);
    expect(fault.message).toBe('sending: the broker said TOPIC_AUTHORIZATION_FAILED');
  });

  test('a record that is too large is the fault of the record', () => {
    expect(toKafkaFault('sending', protocolError('MESSAGE_TOO_LARGE', 10)).kind).toBe('rejected');
  });

  test('a lost connection heals by itself', () => {
    const lost = new KafkaJSConnectionError('Closed connection', { broker: 'one:9092', code: 'ECONNRESET' });
    expect(toKafkaFault('sending', afterRetries(lost))).toMatchObject({ kind: 'transient' });
  });

  test.each([
    ['INVALID_PRODUCER_EPOCH', 47],
    ['UNKNOWN', 90],
  ])('%s (%i) means that another producer has taken over', (type, code) => {
    expect(toKafkaFault('committing', protocolError(type, code))).toBeInstanceOf(ProducerFencedError);
  });

  test('rebalances are told from other trouble', () => {
    expect(isRebalance(protocolError('REBALANCE_IN_PROGRESS', 27))).toBe(true);
    expect(isRebalance(afterRetries(protocolError('UNKNOWN_MEMBER_ID', 25)))).toBe(true);
    expect(isRebalance(new Error('something else'))).toBe(false);
  });

  test('a broker that is still loading the group has not rebalanced it', () => {
    expect(isRebalance(protocolError('NOT_COORDINATOR_FOR_GROUP', 16))).toBe(false);
  });

  test('a fault is not wrapped twice', () => {
    const fault = new KafkaConfigError('reading KAFKA_BROKERS: it is not set');
    expect(toKafkaFault('connecting', fault)).toBe(fault);
  });

  test('an error without a code keeps its class name', () => {
    expect(errorCode(new RangeError('odd'))).toBe('RangeError');
  });
});
