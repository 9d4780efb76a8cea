import { Client } from 'pg';
import type { BatchWrite } from '#connector-sdk';
import type { Attributes, HubId } from '#contracts';
import { postgresConfig } from '../../../libs/connectors/postgres/postgres.config';
import { PostgresSink } from '../../../libs/connectors/postgres/postgres.sink';

/** A hub_id that is easy to read in a failure: the number, in the order of numbers. */
export function hubId(number: number): HubId {
  return `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

export function productWrite(number: number, version: number, attributes?: Attributes | null): BatchWrite {
  const state = attributes === undefined ? { code: `ST-${number}`, name: `v${version}` } : attributes;
  const id = hubId(number);
  return {
    entity: 'product',
    hubId: id,
    productId: id,
    version,
    attributes: state,
    changedAtMs: 1_793_577_600_000,
  };
}

export function variantWrite(number: number, version: number, attributes?: Attributes | null): BatchWrite {
  const state = attributes === undefined ? { sku: `SKU-${number}`, product: 'ST-1' } : attributes;
  return { ...productWrite(number, version, state), entity: 'variant', productId: hubId(1) };
}

export function openMart(url: string, more: Readonly<Record<string, string>> = {}): PostgresSink {
  return new PostgresSink(postgresConfig.parse({ MART_URL: url, ...more }, 'MART_'));
}

/** Runs one statement on a connection of its own. */
export async function queryMart<T>(url: string, sql: string, values: readonly unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(sql, [...values]);
    return rows as T[];
  } finally {
    await client.end();
  }
}

/** Version by hub_id of all rows of a table. */
export async function versionsIn(url: string, table: 'product' | 'variant'): Promise<Map<HubId, number>> {
  const rows = await queryMart<{ hub_id: HubId; version: string }>(
    url,
    `select hub_id, version from ${table}`,
  );
  return new Map(rows.map(({ hub_id, version }) => [hub_id, Number(version)]));
}
