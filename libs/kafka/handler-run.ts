import type { Logger } from 'pino';
import type { BatchScope } from './batch-scope';
import type { BatchHandler, RecordBatch } from './event-log';
import type { Generation } from './generation';

const BEAT_EVERY_MS = 1_000;

/**
 * A handler that neither commits nor calls heartbeat() for this long is taken to hang, and the partition is
 * given up: what `max.poll.interval.ms` is to the Java client, with the same default.
 */
const LONGEST_SILENCE_MS = 300_000;

/**
 * Runs a handler and sends heartbeats meanwhile, which kafkajs itself does only between batches: a long write
 * does not cost the membership, and a rebalance reaches the handler through its signal within a second.
 */
export async function runHandler(
  handler: BatchHandler,
  batch: RecordBatch,
  scope: BatchScope,
  generation: Generation,
  logger: Logger,
): Promise<void> {
  const timer = setInterval(() => {
    if (generation.hasEnded) return;
    if (Date.now() - scope.lastSignMs > LONGEST_SILENCE_MS) {
      logger.error(
        { topic: batch.topic, partition: batch.partition, nextOffset: String(batch.nextOffset) },
        'handling a batch: no progress for five minutes, the partition is given up',
      );
      generation.end();
      return;
    }
    // The fetch loop meets the same trouble and deals with it.
    scope.beat().catch(() => undefined);
  }, BEAT_EVERY_MS);
  try {
    await handler(batch, scope);
  } finally {
    clearInterval(timer);
  }
}
