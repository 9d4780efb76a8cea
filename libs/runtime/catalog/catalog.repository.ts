/** Reads the working set of a catalog commit and writes what was decided. */
import type { Attributes, HubId, ProvenanceGroup, RecordKey, SystemName } from '#contracts';
import type { Origin } from '#pipeline';
import { runOverRows } from '#store';
import type { Queryable } from '#store';
import type { DeniedRow, GoldenRecord, SourceEvent, StoredContribution } from './catalog-model';

export interface LoadedCatalogSet {
  /** Every record that was looked for, whether anything is known of it yet or not. */
  sought: Set<HubId>;
  contributions: Map<HubId, Map<SystemName, StoredContribution>>;
  golden: Map<HubId, GoldenRecord>;
}

interface ContributionRow {
  hub_id: HubId;
  system: SystemName;
  entity: 'product' | 'variant';
  product_id: HubId;
  sequence: string;
  deleted: boolean;
  attributes: Attributes;
  origins: Record<string, Origin>;
  vendor_id: string | null;
}

interface GoldenRow {
  hub_id: HubId;
  entity: 'product' | 'variant';
  product_id: HubId;
  version: string;
  live: boolean;
  key: RecordKey;
  partition: number;
  attributes: Attributes;
  provenance: ProvenanceGroup[];
  rules_version: number;
}

/**
 * What a commit must lock: every record of a loaded set, and every product that one of them names. A record of
 * which nothing is known yet is among them: else a new variant and its new product would miss each other.
 */
export function hubIdsOf(set: LoadedCatalogSet): Set<HubId> {
  const ids = new Set<HubId>(set.sought);
  for (const bySystem of set.contributions.values()) for (const c of bySystem.values()) ids.add(c.productId);
  for (const record of set.golden.values()) ids.add(record.productId);
  return ids;
}

/**
 * Loads, for a batch of events: their records; the products to which these belong now and belonged before; the
 * variants of products that may come, go or change their code; and whatever else stands at the same places.
 */
export class CatalogSetLoader {
  private readonly set: LoadedCatalogSet = { sought: new Set(), contributions: new Map(), golden: new Map() };

  constructor(
    private readonly db: Queryable,
    private readonly events: readonly SourceEvent[],
    private readonly refold: readonly HubId[],
  ) {}

  async load(): Promise<LoadedCatalogSet> {
    await this.loadRecords([...this.events.flatMap((e) => [e.hubId, e.productId]), ...this.refold]);
    await this.loadRecords(await this.variantsOf([...this.movingProducts(), ...this.refold]));
    // The products of what has come in: a variant may stand under another product by another system's word.
    await this.loadRecords([...hubIdsOf(this.set)]);
    await this.loadRecords(await this.neighbours());
    return this.set;
  }

  private async loadRecords(hubIds: readonly HubId[]): Promise<void> {
    const missing = [...new Set(hubIds)].filter((hubId) => !this.set.sought.has(hubId));
    if (missing.length === 0) return;
    for (const hubId of missing) this.set.sought.add(hubId);
    const contributions = await this.db.query<ContributionRow>(
      'select * from contribution where hub_id = any($1::uuid[])',
      [missing],
    );
    for (const row of contributions.rows) {
      const bySystem = this.set.contributions.get(row.hub_id) ?? new Map<SystemName, StoredContribution>();
      this.set.contributions.set(row.hub_id, bySystem.set(row.system, toContribution(row)));
    }
    const golden = await this.db.query<GoldenRow>(
      'select * from golden_record where hub_id = any($1::uuid[])',
      [missing],
    );
    for (const row of golden.rows) this.set.golden.set(row.hub_id, toGolden(row));
  }

  /** Products whose variants may change with them. More than will is harmless: they are only locked. */
  private movingProducts(): HubId[] {
    return this.events
      .filter((event) => {
        if (event.entity !== 'product') return false;
        const known = this.set.contributions.get(event.hubId)?.get(event.system);
        if (known && known.sequence >= event.sequence) return false;
        const golden = this.set.golden.get(event.hubId);
        return !golden?.live || event.attributes === null || event.attributes.code !== golden.attributes.code;
      })
      .map((event) => event.hubId);
  }

  private async variantsOf(products: readonly HubId[]): Promise<HubId[]> {
    if (products.length === 0) return [];
    const { rows } = await this.db.query<{ hub_id: HubId }>(
      `select hub_id from contribution where product_id = any($1::uuid[])
       union select hub_id from golden_record where product_id = any($1::uuid[])`,
      [products],
    );
    return rows.map((row) => row.hub_id);
  }

  private async neighbours(): Promise<HubId[]> {
    const { rows } = await this.db.query<{ hub_id: HubId }>(
      `select n.hub_id from golden_record s join golden_record n
         on n.entity = s.entity and n.partition = s.partition and n.key = s.key
       where s.hub_id = any($1::uuid[]) and s.live and n.live and n.hub_id <> s.hub_id`,
      [[...this.set.sought]],
    );
    return rows.map((row) => row.hub_id);
  }
}

function toContribution(row: ContributionRow): StoredContribution {
  return {
    hubId: row.hub_id,
    system: row.system,
    entity: row.entity,
    productId: row.product_id,
    sequence: Number(row.sequence),
    deleted: row.deleted,
    attributes: row.attributes,
    origins: row.origins,
    vendorId: row.vendor_id,
  };
}

function toGolden(row: GoldenRow): GoldenRecord {
  return {
    hubId: row.hub_id,
    entity: row.entity,
    productId: row.product_id,
    version: Number(row.version),
    live: row.live,
    key: row.key,
    partition: row.partition,
    attributes: row.attributes,
    provenance: row.provenance,
    rulesVersion: row.rules_version,
  };
}

/** Writes contributions; the rows are those of records whose locks are held. */
export async function saveContributions(db: Queryable, rows: readonly StoredContribution[]): Promise<void> {
  await runOverRows(
    db,
    `insert into contribution (hub_id, system, entity, product_id, sequence, deleted, attributes, origins, vendor_id)
     select "hubId", system, entity, "productId", sequence, deleted, attributes, origins, "vendorId"
     from json_to_recordset($1) as r ("hubId" uuid, system text, entity text, "productId" uuid, sequence bigint,
       deleted boolean, attributes jsonb, origins jsonb, "vendorId" text)
     on conflict (hub_id, system) do update set
       product_id = excluded.product_id, sequence = excluded.sequence, deleted = excluded.deleted,
       attributes = excluded.attributes, origins = excluded.origins, vendor_id = excluded.vendor_id`,
    rows,
  );
}

/** Writes golden records; the rows are those of records whose locks are held. */
export async function saveGolden(db: Queryable, rows: readonly GoldenRecord[], now: Date): Promise<void> {
  await runOverRows(
    db,
    `insert into golden_record (hub_id, entity, product_id, version, live, key, partition, attributes, provenance,
       rules_version, changed_at)
     select "hubId", entity, "productId", version, live, key, partition, attributes, provenance, "rulesVersion", $2
     from json_to_recordset($1) as r ("hubId" uuid, entity text, "productId" uuid, version bigint, live boolean,
       key jsonb, partition integer, attributes jsonb, provenance jsonb, "rulesVersion" integer)
     on conflict (hub_id) do update set
       product_id = excluded.product_id, version = excluded.version, live = excluded.live, key = excluded.key,
       partition = excluded.partition, attributes = excluded.attributes, provenance = excluded.provenance,
       rules_version = excluded.rules_version, changed_at = excluded.changed_at`,
    rows,
    now,
  );
}

/** Keeps the last denied value of each record and attribute, and counts how often one came. */
export async function saveDenied(db: Queryable, rows: readonly DeniedRow[], now: Date): Promise<void> {
  await runOverRows(
    db,
    `insert into denied_value as d (system, entity, hub_id, attribute, value, event_id, rule, last_at)
     select system, entity, "hubId", attribute, value, "eventId", rule, $2
     from json_to_recordset($1) as r (system text, entity text, "hubId" uuid, attribute text, value jsonb,
       "eventId" text, rule text)
     on conflict (hub_id, system, attribute) do update set
       value = excluded.value, event_id = excluded.event_id, rule = excluded.rule, last_at = excluded.last_at,
       occurrences = d.occurrences + 1`,
    rows,
    now,
  );
}
