import { Client } from 'pg';
import { createDataSource } from './data-source';
import { SCHEMA } from './pool';

/** Key of the advisory lock that keeps two processes from migrating at once; any constant will do. */
const MIGRATION_LOCK = 7_102_001;

/** Brings the hub database to the current schema. Safe to call from every process at the same time. */
export async function migrate(url: string): Promise<void> {
  const guard = new Client({ connectionString: url, application_name: 'millrace-migrate' });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await guard.query(`create schema if not exists ${SCHEMA}`);
    const dataSource = await createDataSource(url).initialize();
    try {
      await dataSource.runMigrations();
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await guard.end();
  }
}
