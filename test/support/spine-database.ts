/** A migrated hub database of a suite's own, and what tests of locks and connections need to know of it. */
import { Client } from 'pg';
import type { Pool, PoolConfig, QueryResultRow } from 'pg';
import { createPool, migrate, SCHEMA } from '#store';
import { testNamespace } from './stack';
import type { TestNamespace } from './stack';
import { waitFor } from './wait-for';

export class SpineDatabase {
  private readonly clients: Client[] = [];
  private readonly owned: { end(): Promise<void> }[] = [];

  private constructor(
    readonly namespace: TestNamespace,
    /** For the test's own statements. */
    readonly pool: Pool,
  ) {}

  static async create(): Promise<SpineDatabase> {
    const namespace = await testNamespace();
    await migrate(namespace.databaseUrl);
    const pool = createPool(namespace.databaseUrl, { applicationName: 'test' });
    return new SpineDatabase(namespace, pool);
  }

  get url(): string {
    return this.namespace.databaseUrl;
  }

  /** Another pool on the database, closed with it. `url` leads to it in another way, such as through a proxy. */
  newPool(applicationName: string, options: { max?: number; url?: string } = {}): Pool {
    const pool = createPool(options.url ?? this.url, { applicationName, max: options.max });
    return this.own(pool);
  }

  /** A pool whose sessions begin with these settings. */
  poolWith(applicationName: string, settings: Record<string, string>): Pool {
    const pool = createPool(this.url, { applicationName });
    const config: PoolConfig = pool.options;
    const given = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
    config.options = [`-c search_path=${SCHEMA}`, ...given].join(' ');
    return this.own(pool);
  }

  /** A single connection: somebody else, in the middle of a transaction. Ended by `endClients`. */
  async client(): Promise<Client> {
    const client = new Client({ connectionString: this.url, options: `-c search_path=${SCHEMA}` });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.push(client);
    return client;
  }

  /** After each test: what a failed one has left open would block the next. */
  async endClients(): Promise<void> {
    for (const client of this.clients.splice(0)) await client.end();
  }

  async query<Row extends QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, parameters)).rows;
  }

  /** Resolves when so many sessions of this application wait for a lock. */
  async untilWaiting(applicationName: string, sessions = 1): Promise<void> {
    await waitFor(`${sessions} sessions of ${applicationName} to wait for a lock`, async () => {
      const rows = await this.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`,
        [applicationName],
      );
      return rows.length >= sessions;
    });
  }

  /** Ends the session of a backend; resolves when it is gone. */
  async terminate(pid: number): Promise<void> {
    await this.query('select pg_terminate_backend($1)', [pid]);
    await waitFor(`session ${pid} to end`, async () => {
      const rows = await this.query('select 1 from pg_stat_activity where pid = $1', [pid]);
      return rows.length === 0;
    });
  }

  own<T extends { end(): Promise<void> }>(resource: T): T {
    this.owned.push(resource);
    return resource;
  }

  async drop(): Promise<void> {
    await this.endClients();
    // First: it cuts all connections, so that no pool waits for one that a failed test has not given back.
    await this.namespace.dropAll();
    for (const resource of this.owned) await resource.end().catch(() => undefined);
    await this.pool.end();
  }
}
