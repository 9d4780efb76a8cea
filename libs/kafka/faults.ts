import { KafkaJSProtocolError } from 'kafkajs';

/** Says who acts: the platform team, nobody (retry), the owner of the record, the maintainers. */
export type KafkaFaultKind = 'config' | 'transient' | 'rejected' | 'system';

/**
 * What goes wrong between Millrace and Kafka or the schema registry. The message is a gerund phrase with its
 * subject; `code` comes from a bounded list: Kafka's own error names, or one of ours in lower case.
 */
export class KafkaFault extends Error {
  override readonly name: string = 'KafkaFault';

  constructor(
    readonly kind: KafkaFaultKind,
    message: string,
    readonly code: string = 'unknown',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something that does not heal by itself: unequal partitions, missing topics, refused credentials. */
export class KafkaConfigError extends KafkaFault {
  override readonly name = 'KafkaConfigError';

  constructor(message: string, code = 'config', options?: ErrorOptions) {
    super('config', message, code, options);
  }
}

/**
 * Another producer with the same transactional id has taken over, or the broker ended the transaction by
 * time-out. Nothing of the transaction is visible, unless it was the answer to a commit: then it is unknown.
 */
export class ProducerFencedError extends KafkaFault {
  override readonly name = 'ProducerFencedError';

  constructor(message: string, code: string, options?: ErrorOptions) {
    super('transient', message, code, options);
  }
}

/** The partition was taken away, or its position moved, while the batch was being handled: leave it. */
export class StaleBatchError extends KafkaFault {
  override readonly name = 'StaleBatchError';

  constructor(message: string, options?: ErrorOptions) {
    super('transient', message, 'stale_batch', options);
  }
}

const CONFIG_CODES = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'INVALID_GROUP_ID',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_CONFIG',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'POLICY_VIOLATION',
  'UNSUPPORTED_VERSION',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSNotImplemented',
]);

const REJECTED_CODES = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

/** KIP-360 and KIP-890: an older epoch, a transaction that the broker ended, a coordinator that was fenced. */
const FENCED_CODES = new Set([
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTION_COORDINATOR_FENCED',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** PRODUCER_FENCED is younger than kafkajs' error table, which then shows the bare number. */
const PRODUCER_FENCED = 90;

interface ErrorLike {
  name?: unknown;
  type?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  originalError?: unknown;
}

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null;
}

/** The error at the bottom of the chain that kafkajs builds around retries. */
export function rootCause(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 10 && isErrorLike(current); depth += 1) {
    const next = current.cause ?? current.originalError;
    if (!isErrorLike(next)) break;
    current = next;
  }
  return current;
}

/** Kafka's name of the error where there is one, else the class name of kafkajs' error. */
export function errorCode(error: unknown): string {
  if (error instanceof KafkaFault) return error.code;
  const cause = rootCause(error);
  if (!isErrorLike(cause)) return 'unknown';
  if (cause.code === PRODUCER_FENCED) return 'PRODUCER_FENCED';
  if (typeof cause.type === 'string' && cause.type !== '') return cause.type;
  if (typeof cause.code === 'string') return cause.code;
  return typeof cause.name === 'string' ? cause.name : 'unknown';
}

/**
 * True for errors that say that the group is being rebalanced or has already forgotten this member. Not for
 * NOT_COORDINATOR_FOR_GROUP, as kafkajs has it: a broker that comes back answers so until it has loaded the group, and
 * then goes on with the same members.
 */
export function isRebalance(error: unknown): boolean {
  return ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'].includes(
    errorCode(error),
  );
}

/** Thrown out of a batch, it makes kafkajs join its group again (its `isRebalancing` looks at the type). */
export function rejoinRequest(): Error {
  const error = new KafkaJSProtocolError(new Error('the assignment has ended'));
  return Object.assign(error, { type: 'REBALANCE_IN_PROGRESS', code: 27 });
}

/** Wraps whatever kafkajs threw. `doing` is the gerund phrase with its subject, without the reason. */
export function toKafkaFault(doing: string, error: unknown): KafkaFault {
  if (error instanceof KafkaFault) return error;
  const code = errorCode(error);
  const message = `${doing}: ${reasonOf(error)}`;
  const options = { cause: error };
  if (FENCED_CODES.has(code) || code === 'PRODUCER_FENCED')
    return new ProducerFencedError(message, code, options);
  if (CONFIG_CODES.has(code)) return new KafkaConfigError(message, code, options);
  return new KafkaFault(REJECTED_CODES.has(code) ? 'rejected' : 'transient', message, code, options);
}

function reasonOf(error: unknown): string {
  const cause = rootCause(error);
  const text = isErrorLike(cause) ? cause.message : cause;
  return typeof text === 'string' && text !== '' ? text : errorCode(error);
}
