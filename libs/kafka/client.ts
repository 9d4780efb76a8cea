import { Kafka } from 'kafkajs';
import { logLevel } from 'kafkajs';
import type { RetryOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { kafkajsLogCreator } from './log-bridge';
import type { KafkaSettings } from './settings';

/** Enough patience for a broker that is killed and comes back: about two minutes. */
export const PATIENT: RetryOptions = { initialRetryTime: 200, retries: 60, maxRetryTime: 2_000 };

/** About twelve seconds: whoever sends has a next step of his own, and must learn that it is needed. */
export const SENDING: RetryOptions = { initialRetryTime: 100, retries: 15, maxRetryTime: 1_000 };

/**
 * kafkajs retries CONCURRENT_TRANSACTIONS, which the broker answers until the markers of the transaction
 * before are written, with its general back-off: at the default of 300 ms ten transactions a second remain.
 * At most about eight seconds in all, well below the transaction's time-out.
 */
export const TRANSACTIONAL: RetryOptions = { initialRetryTime: 5, retries: 20, maxRetryTime: 500 };

/** Connect, ask, answer: no single request may eat up the ten seconds that an app has to stop. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A kafkajs client. One for each consumer, producer and admin: kafkajs keeps committed offsets by group in
 * the client, so that two members of one group must not share it, and takes a producer's retry settings for
 * transactions from the client as well.
 */
export function createClient(settings: KafkaSettings, logger: Logger, retry: RetryOptions = PATIENT): Kafka {
  return new Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ...(settings.ssl !== undefined && {
      ssl: typeof settings.ssl === 'boolean' ? settings.ssl : { ca: [settings.ssl.ca] },
    }),
    ...(settings.sasl !== undefined && { sasl: settings.sasl }),
    connectionTimeout: 3_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry,
    logLevel: logLevel.DEBUG,
    logCreator: kafkajsLogCreator(logger),
  });
}
