import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { BatchSinkConnector, BatchWrite, SyncFault, WriteOutcome } from '#connector-sdk';
import { parameterOf, prepareBatch } from './postgres.batch';
import type { PreparedRow, Statement } from './postgres.batch';
import type { MartEntity } from './postgres.columns';
import type { PostgresConfig } from './postgres.config';
import { isDataError, postgresFault, refusedColumn, sqlState, wordsOf } from './postgres.faults';
import { migrateMart } from './postgres.migrations';
import { subject } from './postgres.rows';
import { upsertStatement } from './postgres.statement';

/** Opened only as callers write at the same time; how many do is theirs to decide. */
const MAX_CONNECTIONS = 8;
/** Waiting for another writer's row longer than this ends the attempt; the batch is tried again. */
const LOCK_TIMEOUT_MS = 10_000;
/** A half-open connection answers never; past this time beyond the server's own limit it counts as lost. */
const ANSWER_GRACE_MS = 10_000;

type Outcomes = (WriteOutcome | undefined)[];

/**
 * Brings the mart's tables to golden records: one transaction for each batch, in which only a newer version
 * overwrites a row. Repeating a batch is harmless, so whoever does not know whether it was committed sends it
 * again. May be called by several at once, each on a connection of its own.
 */
export class PostgresSink implements BatchSinkConnector {
  private readonly pool: Pool;
  private readonly upserts = new Map<MartEntity, string>();

  constructor(private readonly config: PostgresConfig) {
    this.pool = new Pool({
      connectionString: config.url,
      application_name: 'millrace sink',
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: 10_000,
      query_timeout: config.statement_timeout_ms + ANSWER_GRACE_MS,
      keepAlive: true,
    });
    // A connection that breaks while idle or between two queries emits an error, which ends the process
    // unless somebody listens. The next query on it fails and is told as a fault.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  async prepare(): Promise<void> {
    await this.withConnection(`preparing postgres schema "${this.config.schema}"`, (client) =>
      migrateMart(client, this.config.schema),
    );
  }

  async write(writes: readonly BatchWrite[]): Promise<readonly WriteOutcome[]> {
    const { statements, refused } = prepareBatch(writes, this.config.max_statement_rows);
    const outcomes: Outcomes = Array.from({ length: writes.length });
    for (const [index, outcome] of refused) outcomes[index] = outcome;
    if (statements.length > 0) {
      await this.withConnection(`writing ${writes.length} records to postgres`, (client) =>
        this.writeStatements(client, statements, outcomes),
      );
    }
    return outcomes as WriteOutcome[];
  }

  async close(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }

  /** All statements at once; when the server refuses a value, again with each statement narrowed to the culprit. */
  private async writeStatements(
    client: PoolClient,
    statements: readonly Statement[],
    outcomes: Outcomes,
  ): Promise<void> {
    try {
      await this.transaction(client, async () => {
        for (const { entity, rows } of statements) await this.upsert(client, entity, rows, outcomes);
      });
    } catch (error) {
      if (!isDataError(error)) throw error;
      await this.transaction(client, async () => {
        for (const { entity, rows } of statements) await this.isolate(client, entity, rows, outcomes);
      });
    }
  }

  private async transaction(client: PoolClient, work: () => Promise<void>): Promise<void> {
    await client.query(
      `begin; set local lock_timeout = ${LOCK_TIMEOUT_MS};
       set local statement_timeout = ${this.config.statement_timeout_ms};
       set local idle_in_transaction_session_timeout = ${this.config.statement_timeout_ms}`,
    );
    try {
      await work();
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  private async upsert(
    client: PoolClient,
    entity: MartEntity,
    rows: readonly PreparedRow[],
    outcomes: Outcomes,
  ): Promise<void> {
    const written = await client.query<{ hub_id: string }>({
      text: this.upsertText(entity),
      values: [parameterOf(rows)],
    });
    const applied = new Set(written.rows.map(({ hub_id }) => hub_id));
    for (const { index, write } of rows) {
      outcomes[index] = { status: applied.has(write.hubId) ? 'applied' : 'unchanged' };
    }
  }

  /**
   * Writes what can be written and finds the rows that cannot by halving, each attempt under a savepoint. What
   * is locked by a failed attempt is free again, and halves go in order, so the order of locks holds.
   */
  private async isolate(
    client: PoolClient,
    entity: MartEntity,
    rows: readonly PreparedRow[],
    outcomes: Outcomes,
  ): Promise<void> {
    await client.query('savepoint attempt');
    try {
      await this.upsert(client, entity, rows, outcomes);
      await client.query('release savepoint attempt');
    } catch (error) {
      if (!isDataError(error)) throw error;
      await client.query('rollback to savepoint attempt; release savepoint attempt');
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) {
        outcomes[only.index] = { status: 'failed', fault: refusal(entity, only.write, error) };
        return;
      }
      const middle = Math.ceil(rows.length / 2);
      await this.isolate(client, entity, rows.slice(0, middle), outcomes);
      await this.isolate(client, entity, rows.slice(middle), outcomes);
    }
  }

  private upsertText(entity: MartEntity): string {
    const text = this.upserts.get(entity) ?? upsertStatement(this.config.schema, entity);
    this.upserts.set(entity, text);
    return text;
  }

  /** Runs work on a connection of its own; every error comes out as a fault, and a doubtful connection is dropped. */
  private async withConnection<T>(doing: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    try {
      client = await this.pool.connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw postgresFault(doing, error);
    }
  }
}

function refusal(entity: MartEntity, write: BatchWrite, error: unknown): SyncFault {
  const column = refusedColumn(error);
  return {
    kind: 'rejected',
    code: `sqlstate_${sqlState(error)}`,
    message: `${subject(entity, write)}: ${wordsOf(error)}`,
    ...(column !== undefined && { attribute: column }),
    cause: error,
  };
}
