import type { ClientBase } from 'pg';
import { configFault } from '#connector-sdk';
import { MART_ENTITIES, quoted } from './postgres.columns';

/** One step of the mart's schema. Never changed once released: what comes later is a step of its own. */
interface Migration {
  number: number;
  name: string;
  /** Statements; `schema` comes quoted. */
  statements(schema: string): readonly string[];
}

const COMMON_COLUMNS = `
  media jsonb, localised jsonb, custom jsonb, inventory jsonb, price jsonb, rest jsonb,
  supplied text[], changed_at timestamptz, deleted_at timestamptz, written_at timestamptz not null`;

const COMMON_COMMENTS: Readonly<Record<string, string>> = {
  hub_id: 'Given once by the hub, kept through renames and deletes. Join on this, not on codes.',
  version:
    'Version of the golden record that the row shows. Only a higher one overwrites it, deletes included.',
  media: 'References to assets: list of {asset_id, role, position, url}.',
  localised: 'Text by attribute and locale: {"name": {"de": "Hemd"}}.',
  custom: 'Attributes without a column of their own, by name. Decimals and dates are text, to stay exact.',
  inventory: 'Stock attributes, by name, where a system owns them.',
  price: 'Price attributes, by name, where a system owns them.',
  rest: 'Attributes that this release knows no column for, by full name.',
  supplied:
    'Attributes that some system has ever supplied. null and named here: cleared. null and not named: never given.',
  changed_at: 'When the change was made at its origin.',
  deleted_at:
    'When the record ended; null while it lives. A deleted row keeps hub_id, version and code only.',
  written_at: 'When this row was last written, on the clock of this server.',
};

const KEY_COMMENTS = {
  product: {
    code: 'Product code (style number). Not unique over time: codes move between products, hub_ids never do.',
    launch_date: 'First day on sale.',
    categories: 'Category paths, such as "Women/Shirts".',
  },
  variant: {
    product_id: "The product's hub_id.",
    product_code: "The product's code.",
    sku: 'Stock keeping unit. Not unique over time: SKUs move between variants, hub_ids never do.',
    gtin: 'Global trade item number, as text: leading zeros count.',
  },
} as const;

const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'product and variant',
    statements: (schema) => [
      `create table ${schema}.product (
         hub_id uuid primary key, version bigint not null,
         code text, name text, description text, status text, season text, brand text, family text,
         launch_date date, categories text[], collections text[], ${COMMON_COLUMNS})`,
      `comment on table ${schema}.product is 'Golden record of each product (style), written by Millrace. Live ones: where deleted_at is null.'`,
      ...comments(`${schema}.product`, { ...COMMON_COMMENTS, ...KEY_COMMENTS.product }),
      `create index product_code on ${schema}.product (code)`,
      `create table ${schema}.variant (
         hub_id uuid primary key, product_id uuid not null, version bigint not null,
         product_code text, sku text, name text, status text, size text, colour text, fit text, gtin text,
         composition text, season text, ${COMMON_COLUMNS})`,
      `comment on table ${schema}.variant is 'Golden record of each variant (SKU), written by Millrace. Live ones: where deleted_at is null.'`,
      ...comments(`${schema}.variant`, { ...COMMON_COMMENTS, ...KEY_COMMENTS.variant }),
      `create index variant_sku on ${schema}.variant (sku)`,
      `create index variant_product on ${schema}.variant (product_id)`,
    ],
  },
];

function comments(table: string, byColumn: Readonly<Record<string, string>>): string[] {
  return Object.entries(byColumn).map(
    ([column, comment]) => `comment on column ${table}.${column} is '${comment.replaceAll("'", "''")}'`,
  );
}

/**
 * Brings the mart's schema to this release, in one transaction under an advisory lock, so that sinks that
 * start together take turns. What was done is in the table `millrace_sink_migration`.
 * @throws `config` fault when a newer release was here, or when a table of the same name is not ours.
 */
export async function migrateMart(client: ClientBase, schema: string): Promise<void> {
  const quotedSchema = quoted(schema);
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`millrace_sink:${schema}`]);
    await createLedger(client, schema);
    const done = await doneMigrations(client, quotedSchema);
    if (done.length === 0) await refuseForeignTables(client, schema);
    refuseNewerRelease(schema, done);
    for (const { number, name, statements } of MIGRATIONS.filter((m) => !done.includes(m.number))) {
      for (const statement of statements(quotedSchema)) await client.query(statement);
      await client.query(
        `insert into ${quotedSchema}.millrace_sink_migration (number, name) values ($1, $2)`,
        [number, name],
      );
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Looks before it creates: "if not exists" asks for the right to create even where nothing is to be done. */
async function createLedger(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ has_schema: boolean; has_ledger: boolean }>(
    `select exists (select from pg_namespace where nspname = $1) as has_schema,
            exists (select from pg_tables where schemaname = $1 and tablename = 'millrace_sink_migration') as has_ledger`,
    [schema],
  );
  if (rows[0]?.has_schema !== true) await client.query(`create schema ${quoted(schema)}`);
  if (rows[0]?.has_ledger === true) return;
  await client.query(
    `create table ${quoted(schema)}.millrace_sink_migration (
       number integer primary key, name text not null, applied_at timestamptz not null default clock_timestamp())`,
  );
}

async function doneMigrations(client: ClientBase, schema: string): Promise<number[]> {
  const { rows } = await client.query<{ number: number }>(
    `select number from ${schema}.millrace_sink_migration order by number`,
  );
  return rows.map(({ number }) => number);
}

function refuseNewerRelease(schema: string, done: readonly number[]): void {
  const newest = Math.max(...MIGRATIONS.map(({ number }) => number));
  const unknown = done.find((number) => number > newest);
  if (unknown === undefined) return;
  throw configFault(
    'mart_newer',
    `preparing postgres schema "${schema}": a newer release of Millrace has been here (step ${unknown}, this one knows ${newest}); start that release, or use another schema`,
  );
}

async function refuseForeignTables(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ relname: string }>(
    `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = any ($2) order by 1`,
    [schema, [...MART_ENTITIES]],
  );
  const [foreign] = rows;
  if (foreign === undefined) return;
  throw configFault(
    'table_taken',
    `preparing postgres schema "${schema}": it has a relation "${foreign.relname}" that Millrace did not create; set another schema, or move it away`,
  );
}
