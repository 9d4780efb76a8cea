/**
 * Publishes one shard's outbox rows, in the order of their ids, each batch in one Kafka transaction.
 *
 * Each step names the failure it prevents; `test/integration/publisher.spec.ts` provokes it, by stopping a
 * publisher (SIGSTOP) at that step until another has taken over.
 */
import type { EventLog, LogTransaction, TransactionalProducer } from '#kafka';
import { confirmLease, deleteOutbox, readOutbox } from '#store';
import type { HeldLease, OutboxRow } from '#store';
import type { Logger } from '#telemetry';
import type { Pool } from 'pg';
import { LeaseLost } from '../commit/commit';
import { onConnection } from '../commit/on-connection';
import { pause } from '../lease/lease-keeper';
import type { WakeSignal } from './wake-signal';

/** The points at which a test may stop a publisher. */
export type PublisherStep =
  | 'leased' // the lease is held, nothing has been done at the broker
  | 'fenced' // predecessors are fenced, the lease was not read again
  | 'rows-read'
  | 'sent' // within the Kafka transaction
  | 'committed' // the Kafka transaction is committed, the rows are still there
  | 'confirmed' // within the transaction that deletes the rows, after the look at the lease
  | 'deleted'
  | 'ended'; // stopped or replaced: nothing more will be done under this epoch

export interface ShardPublisherOptions {
  pool: Pool;
  log: EventLog;
  shard: number;
  transactionalId: string;
  leaseTtlMs: number;
  wake: WakeSignal;
  logger: Logger;
  /** About how much goes into one Kafka transaction. Default 2 MB. */
  maxBytes?: number;
  /** Told of each step as it is reached; awaited. For tests and metrics. */
  onStep?(step: PublisherStep, rows: readonly OutboxRow[]): void | Promise<void>;
}

const DEFAULT_MAX_BYTES = 2_000_000;

export class ShardPublisher {
  private producer: TransactionalProducer | null = null;

  constructor(private readonly options: ShardPublisherOptions) {}

  /**
   * Publishes until the signal is aborted or the lease is lost. The caller has raised the lease's epoch just
   * before: that comes first, for from then on nothing that a predecessor deletes can be committed.
   */
  async run(lease: HeldLease, signal: AbortSignal): Promise<void> {
    // Not a promise to race with: one that lives as long as the lease would keep every race that it was in.
    const wakeUp = (): void => this.options.wake.wake();
    signal.addEventListener('abort', wakeUp, { once: true });
    try {
      for (let failures = 0; !signal.aborted;) {
        try {
          await this.publishAll(lease, signal, () => (failures = 0));
        } catch (error) {
          if (error instanceof LeaseLost) return;
          failures++;
          this.options.logger.warn(
            { err: error, shard: this.options.shard },
            'publishing a batch: the outcome is unknown; it begins again with a new producer',
          );
          // The row is the verdict, not the broker. Whatever the answer meant (fenced, timed out, commit
          // unanswered), this producer may have a transaction open that nobody can account for: it is thrown
          // away, and the take-over is done again under the same epoch.
          await this.discardProducer();
          await pause(Math.min(2_000, 50 * 2 ** failures), signal);
        }
      }
    } finally {
      signal.removeEventListener('abort', wakeUp);
      await this.discardProducer();
      await this.step('ended', []);
    }
  }

  private async publishAll(lease: HeldLease, signal: AbortSignal, onProgress: () => void): Promise<void> {
    await this.step('leased', []);
    this.producer ??= await this.fencedProducer();
    await this.step('fenced', []);
    // Again, after the fence. A publisher that was stopped before it fenced wakes long after another has
    // taken over; its fence would throw out that one's producer, and it would publish rows that the other has
    // published already. It finds here that the lease is not its own, and publishes nothing. The other's
    // producer is fenced by then: it throws it away, fences in its turn, and goes on.
    await this.confirm(lease);
    while (!signal.aborted) {
      const woken = this.options.wake.next();
      // Read only now: nothing that was read before the fence and the second look may be published, for a
      // predecessor could have sent and deleted it in between.
      const rows = await readOutbox(
        this.options.pool,
        this.options.shard,
        this.options.maxBytes ?? DEFAULT_MAX_BYTES,
      );
      if (rows.length === 0) {
        await woken;
        continue;
      }
      await this.step('rows-read', rows);
      await this.publish(rows);
      await this.deletePublished(lease, rows);
      onProgress();
    }
  }

  private async fencedProducer(): Promise<TransactionalProducer> {
    const producer = await this.options.log.transactionalProducer(this.options.transactionalId);
    try {
      // An empty transaction, aborted: only there does the client initialise its transactional id, and only
      // that aborts what a predecessor left open and fences it. Without it a predecessor that wakes could
      // still commit its batch after ours.
      await producer.fence();
      return producer;
    } catch (error) {
      await producer.close().catch(() => undefined);
      throw error;
    }
  }

  /** One transaction, and none other in flight: two could be committed in the wrong order. */
  private async publish(rows: readonly OutboxRow[]): Promise<void> {
    if (!this.producer) throw new Error('publishing a batch: there is no producer');
    const transaction: LogTransaction = await this.producer.begin();
    await transaction.send(rows.flatMap((row) => row.records));
    await this.step('sent', rows);
    // A reader at read_committed sees all of the batch or nothing: no `d` without its tombstone, no `d` of a
    // re-key without its `c`.
    await transaction.commit();
    await this.step('committed', rows);
  }

  /**
   * Deletes exactly what was published, and ends with the lease. Exactly: a smaller id of another record may
   * become visible later, and a range or a cursor would pass over it. In one transaction with the lease: the
   * rows of a publisher that has been replaced stay, for its successor may be publishing them now.
   * Committed before the next batch begins: otherwise a crash would publish two batches again, the second
   * one's versions before the first one's.
   */
  private async deletePublished(lease: HeldLease, rows: readonly OutboxRow[]): Promise<void> {
    const { pool, leaseTtlMs } = this.options;
    await onConnection(pool, async (tx) => {
      await tx.query('begin');
      // A publisher that is stopped right here holds the lease's row: nobody could take over until it wakes.
      // When it has been silent for as long as its lease lasts, its session is ended instead.
      await tx.query(
        `set local lock_timeout = ${leaseTtlMs}; set local idle_in_transaction_session_timeout = ${leaseTtlMs}`,
      );
      await deleteOutbox(
        tx,
        rows.map((row) => row.id),
      );
      if (!(await confirmLease(tx, lease, leaseTtlMs))) throw new LeaseLost(lease.name);
      await this.step('confirmed', rows);
      await tx.query('commit');
    });
    await this.step('deleted', rows);
  }

  private async confirm(lease: HeldLease): Promise<void> {
    if (!(await confirmLease(this.options.pool, lease, this.options.leaseTtlMs)))
      throw new LeaseLost(lease.name);
  }

  private async discardProducer(): Promise<void> {
    const producer = this.producer;
    this.producer = null;
    await producer?.close().catch(() => undefined);
  }

  private async step(step: PublisherStep, rows: readonly OutboxRow[]): Promise<void> {
    await this.options.onStep?.(step, rows);
  }
}
