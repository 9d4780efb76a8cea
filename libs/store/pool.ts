import { Pool } from 'pg';
import type { PoolClient } from 'pg';

/** PostgreSQL schema that holds all tables of the hub. */
export const SCHEMA = 'millrace';

/** A connection inside a transaction, or any other single connection. */
export type Connection = PoolClient;

/** Anything that runs one statement: a pool or a connection. */
export type Queryable = Pick<PoolClient, 'query'>;

export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections at most. Default 8. */
  max?: number;
}

/**
 * A pool on the hub database, with `millrace` as its search path. Errors of idle connections are not fatal:
 * the pool drops such a connection and the next query gets a new one.
 */
export function createPool(url: string, options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.max ?? 8,
    connectionTimeoutMillis: 10_000,
    options: `-c search_path=${SCHEMA}`,
  });
  pool.on('error', () => undefined);
  return pool;
}
