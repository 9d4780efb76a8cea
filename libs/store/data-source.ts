import { DataSource } from 'typeorm';
import { Foundation1763700000001 } from './migrations/0001-foundation';
import { SourceControl1763700000002 } from './migrations/0002-source-control';
import { SCHEMA } from './pool';

/** All migrations, oldest first. Named one by one, so that what runs is what a reader sees. */
export const MIGRATIONS = [Foundation1763700000001, SourceControl1763700000002];

/** The TypeORM view of the hub database; used for migrations. The data plane speaks `pg` directly. */
export function createDataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    schema: SCHEMA,
    applicationName: 'millrace-migrate',
    extra: { options: `-c search_path=${SCHEMA}`, max: 2 },
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
  });
}
