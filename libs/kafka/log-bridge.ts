import { logLevel } from 'kafkajs';
import type { logCreator } from 'kafkajs';
import type { Logger } from 'pino';

/**
 * Errors that kafkajs reports as ERROR and then retries by itself: coordinators that are loading (the first
 * idempotent produce of a broker's life), rebalances, lost connections, leaders that move, a transaction whose
 * predecessor is being completed. Topics that exist already are none either.
 */
const RETRIED =
  /GROUP_LOAD_IN_PROGRESS|COORDINATOR_LOAD|coordinator is (loading|not available)|NOT_COORDINATOR|not the correct coordinator|CONCURRENT_TRANSACTIONS|concurrent operation on the same transaction|Topic creation errors|REBALANCE_IN_PROGRESS|rebalancing|not aware of this member|LEADER_NOT_AVAILABLE|NOT_LEADER|leadership election|Connection (error|timeout)|Closed connection|ECONN|EPIPE|No broker available|Restarting the consumer|Crash:|does not host this topic-partition|not the leader|group coordinator|Failed to connect/i;

/**
 * Lets kafkajs write through pino. What it does in normal operation is debug, and so is an error that it
 * retries. Any other error is a warning: whether somebody must act is known only to the caller, who gets the
 * error as a rejection and reports it with its consequence.
 */
export function kafkajsLogCreator(logger: Logger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...extra } = log;
      const text = String(message);
      const cause = typeof extra['error'] === 'string' ? extra['error'] : '';
      const alarming = level === logLevel.ERROR && !RETRIED.test(text) && !RETRIED.test(cause);
      logger[alarming ? 'warn' : 'debug']({ kafkajs: namespace, ...extra }, `kafkajs: ${text}`);
    };
}
