/** From a product row to an observation. The same product gives the same state, by search or by id. */
import { createRedactor, excerpt } from '#connector-sdk';
import type { Observation, VendorState } from '#connector-sdk';
import type { EntityName } from '#contracts';
import type { AccountSchema } from './plytix.schema';
import { parseTime } from './plytix.times';
import { productRow } from './plytix.types';
import type { ProductRow, RawRow } from './plytix.types';
import { customValue, isEmpty, ValueError } from './plytix.values';

/** A row as it came, and how. */
export interface ReadRow {
  row: RawRow;
  requestedAtMs: number;
  /** True when it was read by its id. */
  direct: boolean;
}

const RAW_LENGTH = 8_000;

/** Levels 0 (single) and 1 (parent) are products, 2 (variant) and 3 (sub-variant) are variants. */
export function entityOfLevel(level: unknown): EntityName {
  return typeof level === 'number' && level >= 2 ? 'variant' : 'product';
}

/** `present`, or `undecodable` with a reason for this product alone. */
export async function observe(read: ReadRow, schema: AccountSchema): Promise<Observation> {
  const { row, requestedAtMs, direct } = read;
  const entity = entityOfLevel(row['product_level']);
  const base = { vendorId: row.id, requestedAtMs, direct };
  const undecodable = (why: string): Observation => {
    const reason = `decoding plytix ${entity} ${row.id}: ${why}`;
    return { ...base, entity, kind: 'undecodable', reason, raw: rawText(row) };
  };
  const parsed = productRow.safeParse(row);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return undecodable(`the row has not the expected shape (${problems.join('; ')})`);
  }
  const product = parsed.data;
  const changedAtMs = parseTime(product.modified);
  if (changedAtMs === null) return undecodable(`modified is not a time: ${JSON.stringify(product.modified)}`);
  if (isEmpty(product.sku?.trim())) return undecodable('it has no SKU');
  if (product.product_level > 3) return undecodable(`product level ${product.product_level} is not known`);
  try {
    const state = await stateOf(product, schema);
    return { ...base, entity, kind: 'present', state, changedAtMs, vendorTime: product.modified };
  } catch (error) {
    if (error instanceof ValueError) return undecodable(error.message);
    throw error;
  }
}

/** What is empty is left out; what changes without meaning (`modified`, audits, `num_variations`) is no part of it. */
async function stateOf(product: ProductRow, schema: AccountSchema): Promise<VendorState> {
  const createdMs = parseTime(product.created);
  const state: VendorState = {
    sku: product.sku ?? null,
    label: product.label ?? null,
    status: product.status ?? null,
    gtin: product.gtin ?? null,
    created: createdMs === null ? null : new Date(createdMs).toISOString(),
    product_level: product.product_level,
    parent_id: product.parent_id ?? null,
    categories: await schema.categoryPaths(product.categories ?? []),
    ...attributesOf(product, schema),
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => !isEmpty(value)));
}

function attributesOf(product: ProductRow, schema: AccountSchema): VendorState {
  const state: VendorState = {};
  for (const label of Object.keys(product.attributes ?? {}).sort()) {
    const value = product.attributes?.[label];
    if (isEmpty(value) || schema.ignored.has(label)) continue;
    try {
      state[`attributes.${label}`] = customValue(label, schema.types.get(label), value);
    } catch (error) {
      throw error instanceof ValueError ? new ValueError(`attribute ${label}: ${error.message}`) : error;
    }
  }
  return state;
}

function rawText(row: RawRow): string {
  return excerpt(createRedactor()(JSON.stringify(row)), RAW_LENGTH);
}
