import type { ConnectorDefinition } from '#connector-sdk';
import { MART_ENTITIES } from './postgres.columns';
import { postgresConfig } from './postgres.config';
import type { PostgresConfig } from './postgres.config';
import { PostgresSink } from './postgres.sink';

/** A PostgreSQL database as target: the mart, a table for each entity, one row for each golden record. */
export const postgresConnector: ConnectorDefinition<PostgresConfig> = {
  name: 'postgres',
  title: 'PostgreSQL',
  apiVersion: '18',
  config: postgresConfig,
  entities: MART_ENTITIES.map((entity) => ({ entity, write: { delete: true, maxBatch: 1_000 } })),
  system: () => 'postgres',
  batchSink: (config) => new PostgresSink(config),
};
