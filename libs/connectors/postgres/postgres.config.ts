import { defineConfig } from '#connector-sdk';
import type { ConfigType } from '#connector-sdk';

/** Where the mart is. Read with the prefix `MART_`, so that the address is MART_URL. */
export const postgresConfig = defineConfig({
  fields: {
    url: {
      type: 'secret',
      required: true,
      doc: 'Address of the PostgreSQL database that receives the golden records.',
      examples: ['postgres://user:password@127.0.0.1:5432/mart'],
    },
    schema: {
      type: 'string',
      default: 'public',
      doc: 'Schema of the tables `product` and `variant`. It is created when missing.',
      examples: ['public', 'millrace'],
    },
    max_statement_rows: {
      type: 'integer',
      default: 1_000,
      min: 1,
      max: 10_000,
      doc: 'Rows in one statement at most.',
    },
    statement_timeout_ms: {
      type: 'duration_ms',
      default: 60_000,
      min: 1_000,
      max: 600_000,
      doc: 'A statement that takes longer is cancelled, and its batch is tried again.',
    },
  },
});

export type PostgresConfig = ConfigType<typeof postgresConfig>;
