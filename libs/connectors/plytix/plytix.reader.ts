/** Reads whole product rows: by search in column packs, by id where the search does not tell the whole. */
import type { Observation } from '#connector-sdk';
import type { EntityName } from '#contracts';
import type { PlytixClient, Timed } from './plytix.client';
import { choices } from './plytix.endpoints';
import { entityOfLevel, observe } from './plytix.rows';
import type { ReadRow } from './plytix.rows';
import type { AccountSchema } from './plytix.schema';
import type { AccountSchemas } from './plytix.schema';
import { parseTime } from './plytix.times';
import type { RawRow } from './plytix.types';

/** A product whose row is wanted. */
export interface Wanted {
  id: string;
  sku?: string | null;
  /** As it was last heard of; decides what is reported gone. */
  entity: EntityName;
  /** A row that is older than this, as another index may still have it, is not taken. */
  modified?: string | null;
}

/**
 * The columns of each search that together bring whole rows. Each pack asks for `modified`, by which is told
 * whether a product was changed between the packs.
 */
export function columnPacks(schema: AccountSchema): string[][] {
  const packs: string[][] = [[...choices.systemColumns]];
  for (const label of schema.types.keys()) {
    let pack = packs[packs.length - 1]!;
    if (pack.length >= choices.columnLimit) packs.push((pack = ['modified']));
    pack.push(`attributes.${label}`);
  }
  return packs;
}

export class ProductReader {
  constructor(
    private readonly client: PlytixClient,
    private readonly schemas: AccountSchemas,
    private readonly now: () => number,
    private readonly pageSize: number,
  ) {}

  /** Observations of rows that a search brought with the first column pack. */
  async completed(rows: Timed<readonly RawRow[]>, schema: AccountSchema): Promise<Observation[]> {
    const wanted = rows.value.map((row): Wanted => ({
      ...wantedOf(row),
      entity: entityOfLevel(row['product_level']),
    }));
    return this.observeAll(wanted, new Map(rows.value.map((row) => [row.id, asListed(row, rows)])), schema);
  }

  /** Observations of these products, in this order; at most a page of them. */
  async observations(wanted: readonly Wanted[], schema: AccountSchema): Promise<Observation[]> {
    const first = await this.lookUp(wanted, columnPacks(schema)[0]!);
    return this.observeAll(wanted, first, schema);
  }

  /** How many products `observations` takes at once. */
  get chunkSize(): number {
    return Math.min(this.pageSize, choices.lookupLimit);
  }

  /** One product by its id, as far as it is (still) of this entity. */
  async byId(entity: EntityName, id: string): Promise<Observation> {
    const read = await this.rowById(id);
    const observation = await this.observeDirect({ id, entity }, read);
    if (observation.kind !== 'present' || observation.entity === entity) return observation;
    // A product that became a variant, or the other way round, does not exist any more as what it was.
    const { requestedAtMs, changedAtMs } = observation;
    return { kind: 'gone', entity, vendorId: id, requestedAtMs, direct: true, changedAtMs };
  }

  private async observeAll(
    wanted: readonly Wanted[],
    first: ReadonlyMap<string, ReadRow>,
    schema: AccountSchema,
  ): Promise<Observation[]> {
    const rows = await this.withOtherPacks(wanted, first, schema);
    const observations: Observation[] = [];
    for (const one of wanted) {
      const read = rows.get(one.id);
      const whole = read !== undefined && isWhole(read.row) && !isOlder(read.row, one.modified);
      observations.push(
        whole ? await observe(read, schema) : await this.observeDirect(one, await this.rowById(one.id)),
      );
    }
    return observations;
  }

  /** Rows with the columns of all packs; a row that was changed meanwhile, or is missing in one, is left out. */
  private async withOtherPacks(
    wanted: readonly Wanted[],
    first: ReadonlyMap<string, ReadRow>,
    schema: AccountSchema,
  ): Promise<ReadonlyMap<string, ReadRow>> {
    let rows = first;
    for (const pack of columnPacks(schema).slice(1)) {
      const more = await this.lookUp(wanted, pack);
      const merged = new Map<string, ReadRow>();
      for (const [id, read] of rows) {
        const row = merge(read.row, more.get(id)?.row);
        if (row) merged.set(id, { ...read, row });
      }
      rows = merged;
    }
    return rows;
  }

  private async lookUp(wanted: readonly Wanted[], columns: string[]): Promise<Map<string, ReadRow>> {
    const found = new Map<string, ReadRow>();
    const skus = wanted.map(({ sku }) => sku).filter((sku): sku is string => Boolean(sku));
    if (skus.length === 0) return found;
    const filters = [[{ field: choices.lookupField, operator: 'in', value: skus } as const]];
    const { value, requestedAtMs } = await this.client.searchProducts({
      filters,
      columns,
      page: 1,
      order: null,
    });
    for (const row of value?.data ?? []) found.set(row.id, { row, requestedAtMs, direct: false });
    return found;
  }

  private async rowById(id: string): Promise<ReadRow | { row: null; requestedAtMs: number }> {
    const { value: row, requestedAtMs } = await this.client.product(id);
    return row === null ? { row, requestedAtMs } : { row, requestedAtMs, direct: true };
  }

  private async observeDirect(
    { id, entity }: Wanted,
    read: ReadRow | { row: null; requestedAtMs: number },
  ): Promise<Observation> {
    if (read.row === null) {
      const { requestedAtMs } = read;
      return { kind: 'gone', entity, vendorId: id, requestedAtMs, direct: true, changedAtMs: this.now() };
    }
    const attributes = read.row['attributes'];
    const labels = attributes !== null && typeof attributes === 'object' ? Object.keys(attributes) : [];
    return observe(read, await this.schemas.recent(labels));
  }
}

function wantedOf(row: RawRow): Omit<Wanted, 'entity'> {
  const { id, sku, modified } = row;
  return {
    id,
    sku: typeof sku === 'string' ? sku : null,
    modified: typeof modified === 'string' ? modified : null,
  };
}

function asListed(row: RawRow, { requestedAtMs }: Timed<unknown>): ReadRow {
  return { row, requestedAtMs, direct: false };
}

/** A variant's parent comes unasked with a search, as far as is known; without it the row is not taken. */
function isWhole(row: RawRow): boolean {
  return entityOfLevel(row['product_level']) === 'product' || 'parent_id' in row || '_parent_id' in row;
}

function isOlder(row: RawRow, modified: string | null | undefined): boolean {
  const [mine, wanted] = [row['modified'], modified].map((time) =>
    typeof time === 'string' ? parseTime(time) : null,
  );
  return typeof mine === 'number' && typeof wanted === 'number' && mine < wanted;
}

/** One row of two packs; null when they do not show the same moment. */
function merge(row: RawRow, other: RawRow | undefined): RawRow | null {
  if (!other || other['modified'] !== row['modified']) return null;
  return { ...row, attributes: { ...asObject(row['attributes']), ...asObject(other['attributes']) } };
}

function asObject(value: unknown): object {
  return value !== null && typeof value === 'object' ? value : {};
}
