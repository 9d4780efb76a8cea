/**
 * The commit: the one piece of code by which the source runtime and the catalog change what is true.
 *
 * A batch becomes one PostgreSQL transaction that ends with its events in the outbox. Each step has a comment
 * that names the failure it prevents; `test/integration/commit.spec.ts` provokes each of them.
 */
import type { EncodedRecord, HubId } from '#contracts';
import type { Connection } from '#store';
import { insertOutbox, lockHubRecords } from '#store';
import type { Pool } from 'pg';
import { isLostOrContended } from './database-errors';
import { onConnection } from './on-connection';

/** What a batch is made of. All functions but `write` only read, and may be called again. */
export interface CommitWork<Decision extends CommitDecision> {
  /** Taken before every other lock; the catalog's shared lock on the rules version. */
  firstLock?(tx: Connection): Promise<void>;
  /** The records that the batch will touch, as far as can be seen now. */
  touches(db: Connection): Promise<ReadonlySet<HubId>>;
  /** Reads what is true, under the locks, and decides. No network, no waiting. `BatchMoved` starts anew. */
  decide(tx: Connection, now: Date): Promise<Decision>;
  /** Writes everything but the outbox. */
  write(tx: Connection, decision: Decision): Promise<void>;
  /** Called before a batch is run again: whatever was remembered from before may be wrong. */
  dropCaches?(): void;
}

/** Events in the order in which they are to be published, whatever else the caller wants to know. */
export interface CommitDecision {
  records: readonly EncodedRecord[];
}

/** Thrown by `decide` when something it relied on has moved, such as a code that now names another record. */
export class BatchMoved extends Error {
  override name = 'BatchMoved';
}

/** Thrown by `write` when the lease is somebody else's: nothing was written, and the holder must stop. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

export interface CommitterOptions {
  shards: number;
  /** How often a batch that met a deadlock, a time-out or a lost connection is run again. Default 20. */
  attempts?: number;
  /** How long a batch waits for the locks of another before it is run again. Default 5 s. */
  lockTimeoutMs?: number;
  /** How long a batch may hold its locks without a statement before PostgreSQL ends its session. Default 15 s. */
  idleTimeoutMs?: number;
  /** Told after each commit that wrote events: wakes the publishers. Must not throw. */
  onCommitted?(shards: readonly number[]): void;
}

const LOCK_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 15_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/** Runs batches as transactions, in the steps that the design prescribes. */
export class Committer {
  constructor(
    private readonly pool: Pool,
    private readonly options: CommitterOptions,
  ) {}

  /**
   * Commits one batch and returns its decision. Runs it again from the start after a deadlock, a time-out or
   * a lost connection; a data error (SQLSTATE class 22 or 23) is thrown as it is, for the caller to narrow to
   * its record; `LeaseLost` and programming errors too. Nothing is written when it throws.
   */
  async commit<Decision extends CommitDecision>(work: CommitWork<Decision>): Promise<Decision> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        // A lost answer to COMMIT leaves open whether the batch is in. Running it again is safe: what is
        // applied already has its sequence, and changes nothing a second time.
        const again = isLostOrContended(error) || error instanceof BatchMoved;
        if (!again || attempt >= (this.options.attempts ?? 20)) throw error;
        // A cache filled by the failed attempt may hold what was rolled back.
        work.dropCaches?.();
        await backoff(attempt);
      }
    }
  }

  private attempt<Decision extends CommitDecision>(work: CommitWork<Decision>): Promise<Decision> {
    return onConnection(this.pool, async (tx) => {
      const decision = await this.lockAndDecide(tx, work);
      const shards = this.byShard(decision.records);
      await work.write(tx, decision);
      // Last, and while the locks are held: a record's outbox ids then rise in the order of its versions.
      // Were the row written earlier or its id taken outside the lock, a newer event could be published first.
      await insertOutbox(tx, shards);
      const { command } = await tx.query('commit');
      // PostgreSQL answers the COMMIT of a transaction in which a statement has failed with ROLLBACK, not with
      // an error. It means that `work` has swallowed one; without this look the batch would count as written.
      if (command !== 'COMMIT') throw new Error('committing a batch: a statement failed before, unnoticed');
      if (shards.size > 0) this.options.onCommitted?.([...shards.keys()]);
      return decision;
    });
  }

  /** Opens the transaction, takes the locks, and leaves it open with the decision made. */
  private async lockAndDecide<Decision extends CommitDecision>(
    tx: Connection,
    work: CommitWork<Decision>,
  ): Promise<Decision> {
    const wanted = new Set(await work.touches(tx));
    for (;;) {
      await tx.query('begin isolation level read committed');
      // A process that is stopped (SIGSTOP, a paused virtual machine) while it holds locks would block all
      // others for ever; these time-outs end its session instead, and it begins again when it wakes.
      await tx.query(
        `set local lock_timeout = ${this.options.lockTimeoutMs ?? LOCK_TIMEOUT_MS};
         set local idle_in_transaction_session_timeout = ${this.options.idleTimeoutMs ?? IDLE_TIMEOUT_MS};
         set local statement_timeout = ${STATEMENT_TIMEOUT_MS};
         set local synchronous_commit = on`,
      );
      // Before all record locks, so that activating rules never waits for a commit that waits for it.
      await work.firstLock?.(tx);
      // One statement, sorted: two batches that share records wait for each other and cannot deadlock.
      await lockHubRecords(tx, [...wanted]);
      // In a later statement than the lock: under READ COMMITTED it sees what the former holder committed.
      // A statement that locks and reads at once would decide on the state of before it waited.
      const now = await work.touches(tx);
      const grown = [...now].filter((hubId) => !wanted.has(hubId));
      if (grown.length === 0) break;
      // What is touched has grown since the first look (a variant arrived, a code moved). Locking the rest
      // now would break the sorted order and could deadlock: begin again with the larger set.
      await tx.query('rollback');
      for (const hubId of grown) wanted.add(hubId);
    }
    const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
    return work.decide(tx, rows[0]?.now ?? new Date());
  }

  private byShard(records: readonly EncodedRecord[]): Map<number, EncodedRecord[]> {
    const shards = new Map<number, EncodedRecord[]>();
    for (const record of records) {
      const shard = record.partition % this.options.shards;
      const list = shards.get(shard);
      if (list) list.push(record);
      else shards.set(shard, [record]);
    }
    return shards;
  }
}

/** 10 ms doubling to 1 s, jittered, so that two batches that collided do not collide again in step. */
async function backoff(attempt: number): Promise<void> {
  const ceiling = Math.min(1_000, 10 * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, ceiling * (0.5 + Math.random() / 2)));
}
