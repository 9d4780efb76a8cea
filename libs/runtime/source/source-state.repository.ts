/**
 * Reads the working set of a source commit and writes what was decided.
 */
import type { Attributes, EntityName, HubId, RecordKey, SystemName } from '#contracts';
import { codeKey, findHubIds, runOverRows } from '#store';
import type { EntityCode, Queryable } from '#store';
import { hubKey, vendorKey } from './source-model';
import type { HeldReason, SeenRecord, SourceRecord, SourceState } from './source-model';

interface StateRow {
  entity: EntityName;
  vendor_id: string;
  hub_id: HubId | null;
  live: boolean;
  claim: string | null;
  claimed_at_ms: string;
  held: HeldReason | null;
  parent_vendor_id: string | null;
  observed: Attributes | null;
  published: Attributes | null;
  changed_at_ms: string | null;
  vendor_time: string | null;
  answered_at_ms: string;
}

interface RecordRow {
  entity: EntityName;
  hub_id: HubId;
  sequence: string;
  live: boolean;
  vendor_id: string;
  product_id: HubId;
  key: RecordKey;
  partition: number;
}

const STATE_COLUMNS = `s.entity, s.vendor_id, s.hub_id, s.live, s.claim,
  extract(epoch from s.claimed_at) * 1000 as claimed_at_ms, s.held, s.parent_vendor_id, s.observed, s.published,
  s.changed_at_ms, s.vendor_time, s.answered_at_ms`;

/** Everything that a batch of observations may touch in one system. */
export interface LoadedSet {
  states: Map<string, SourceState>;
  records: Map<string, SourceRecord>;
  identities: Map<string, HubId>;
}

/** The hub_ids whose rows a loaded set must lock. */
export function hubIdsOf(set: LoadedSet): Set<HubId> {
  const ids = new Set<HubId>(set.identities.values());
  for (const state of set.states.values()) if (state.hubId) ids.add(state.hubId);
  for (const record of set.records.values()) ids.add(record.hubId).add(record.productId);
  return ids;
}

/**
 * Loads, for a batch of observations: the states of their vendor ids; who claims the same codes; the products
 * of variants; the variants of products that may move, arrive or end; who waits for a record that ends; the
 * live vendor ids that are bound to the records that new codes name; and whatever else stands at the same places.
 */
export class SourceSetLoader {
  private readonly set: LoadedSet = { states: new Map(), records: new Map(), identities: new Map() };
  private readonly loadedClaims = new Set<string>();
  private readonly loadedChildren = new Set<string>();

  constructor(
    private readonly db: Queryable,
    private readonly system: SystemName,
    private readonly seen: readonly SeenRecord[],
  ) {}

  async load(): Promise<LoadedSet> {
    const ids = this.seen.flatMap(({ entity, vendorId }) => [
      { entity, vendorId },
      ...(entity === 'product' ? [{ entity: 'variant' as const, vendorId }] : []),
      ...(entity === 'variant' ? [{ entity: 'product' as const, vendorId }] : []),
    ]);
    await this.loadStates(ids);
    await this.loadWaiting();
    for (let before = -1; before !== this.set.states.size;) {
      before = this.set.states.size;
      await this.loadClaimants();
      await this.loadParents();
      await this.loadChildren();
    }
    await this.loadIdentities();
    await this.loadBoundMates();
    await this.loadRecords();
    return this.set;
  }

  private async loadStates(ids: readonly { entity: EntityName; vendorId: string }[]): Promise<void> {
    const missing = ids.filter((id) => !this.set.states.has(vendorKey(id.entity, id.vendorId)));
    if (missing.length === 0) return;
    await this.addStates(
      `select ${STATE_COLUMNS} from source_state s
       join json_to_recordset($2) as r (entity text, "vendorId" text) on s.entity = r.entity and s.vendor_id = r."vendorId"
       where s.system = $1`,
      missing,
    );
  }

  /** Who is held because its code names a record that ends in this batch. */
  private async loadWaiting(): Promise<void> {
    const ending = this.seen.flatMap(({ kind, entity, vendorId }) => {
      const ended = kind === 'gone' ? entity : entity === 'product' ? 'variant' : 'product';
      return this.set.states.get(vendorKey(ended, vendorId))?.hubId ?? [];
    });
    if (ending.length === 0) return;
    await this.addStates(
      `select ${STATE_COLUMNS} from source_state s
       join identity i on i.entity = s.entity and i.code = s.claim
       where s.system = $1 and s.live and s.held = 'duplicate_key'
         and i.hub_id in (select json_array_elements_text($2)::uuid)`,
      ending,
    );
  }

  private async loadClaimants(): Promise<void> {
    const claims = this.codes().filter((c) => !this.loadedClaims.has(codeKey(c.entity, c.code)));
    if (claims.length === 0) return;
    for (const claim of claims) this.loadedClaims.add(codeKey(claim.entity, claim.code));
    await this.addStates(
      `select ${STATE_COLUMNS} from source_state s
       join json_to_recordset($2) as r (entity text, code text) on s.entity = r.entity and s.claim = r.code
       where s.system = $1`,
      claims,
    );
  }

  private async loadParents(): Promise<void> {
    const parents = new Set<string>();
    for (const state of this.set.states.values()) if (state.parentVendorId) parents.add(state.parentVendorId);
    for (const seen of this.seen)
      if (seen.kind === 'present' && seen.parentVendorId) parents.add(seen.parentVendorId);
    await this.loadStates([...parents].map((vendorId) => ({ entity: 'product', vendorId })));
  }

  private async loadChildren(): Promise<void> {
    const parents = this.movingProducts().filter((id) => !this.loadedChildren.has(id));
    if (parents.length === 0) return;
    for (const parent of parents) this.loadedChildren.add(parent);
    await this.addStates(
      `select ${STATE_COLUMNS} from source_state s
       where s.system = $1 and s.entity = 'variant' and s.live
         and s.parent_vendor_id in (select json_array_elements_text($2))`,
      parents,
    );
  }

  /** Products that may arrive, get another code, be released or end in this batch. */
  private movingProducts(): string[] {
    const seenNow = new Map(this.seen.map((seen) => [vendorKey(seen.entity, seen.vendorId), seen]));
    const moving = new Set<string>();
    for (const seen of this.seen) {
      const state = this.set.states.get(vendorKey('product', seen.vendorId));
      const unchanged =
        seen.kind === 'present' &&
        state?.held === null &&
        state.published !== null &&
        state.claim === seen.claim &&
        state.published.code === seen.attributes.code;
      if (seen.entity === 'product' && !unchanged) moving.add(seen.vendorId);
    }
    for (const state of this.set.states.values())
      if (state.entity === 'product' && state.held && !seenNow.has(vendorKey('product', state.vendorId)))
        moving.add(state.vendorId);
    return [...moving];
  }

  /** Codes that are claimed now or were claimed before this batch. */
  private codes(): EntityCode[] {
    const codes = new Map<string, EntityCode>();
    const add = (entity: EntityName, code: string): void =>
      void codes.set(codeKey(entity, code), { entity, code });
    for (const seen of this.seen) if (seen.kind === 'present') add(seen.entity, seen.claim);
    for (const state of this.set.states.values()) if (state.claim) add(state.entity, state.claim);
    return [...codes.values()];
  }

  private async loadIdentities(): Promise<void> {
    this.set.identities = await findHubIds(this.db, this.codes());
  }

  private async loadBoundMates(): Promise<void> {
    const hubIds = [...hubIdsOf(this.set)];
    if (hubIds.length === 0) return;
    await this.addStates(
      `select ${STATE_COLUMNS} from source_state s
       where s.system = $1 and s.live and s.hub_id in (select json_array_elements_text($2)::uuid)`,
      hubIds,
    );
  }

  private async loadRecords(): Promise<void> {
    const columns = 's.entity, s.hub_id, s.sequence, s.live, s.vendor_id, s.product_id, s.key, s.partition';
    const hubIds = JSON.stringify([...hubIdsOf(this.set)]);
    const { rows } = await this.db.query<RecordRow>(
      `with own as (
         select * from source_record where system = $1 and hub_id in (select json_array_elements_text($2)::uuid))
       select ${columns} from own s
       union
       select ${columns} from source_record s join own o
         on s.system = o.system and s.entity = o.entity and s.partition = o.partition and s.key = o.key
       where s.live and o.live`,
      [this.system, hubIds],
    );
    for (const row of rows) this.set.records.set(hubKey(row.entity, row.hub_id), toRecord(row));
    await this.loadStates([...this.set.records.values()]);
  }

  private async addStates(sql: string, parameter: readonly unknown[]): Promise<void> {
    const { rows } = await this.db.query<StateRow>(sql, [this.system, JSON.stringify(parameter)]);
    for (const row of rows) {
      const key = vendorKey(row.entity, row.vendor_id);
      if (!this.set.states.has(key)) this.set.states.set(key, toState(row));
    }
  }
}

function toState(row: StateRow): SourceState {
  return {
    entity: row.entity,
    vendorId: row.vendor_id,
    hubId: row.hub_id,
    live: row.live,
    claim: row.claim,
    claimedAtMs: Number(row.claimed_at_ms),
    held: row.held,
    parentVendorId: row.parent_vendor_id,
    observed: row.observed,
    published: row.published,
    changedAtMs: row.changed_at_ms === null ? null : Number(row.changed_at_ms),
    vendorTime: row.vendor_time,
    answeredAtMs: Number(row.answered_at_ms),
  };
}

function toRecord(row: RecordRow): SourceRecord {
  return {
    entity: row.entity,
    hubId: row.hub_id,
    sequence: Number(row.sequence),
    live: row.live,
    vendorId: row.vendor_id,
    productId: row.product_id,
    key: row.key,
    partition: row.partition,
  };
}

/** Writes the states and records that a decision changed. */
export async function saveSourceSet(
  db: Queryable,
  system: SystemName,
  states: readonly SourceState[],
  records: readonly SourceRecord[],
): Promise<void> {
  await runOverRows(
    db,
    `insert into source_state (system, entity, vendor_id, hub_id, live, claim, claimed_at, held, parent_vendor_id,
       observed, published, changed_at_ms, vendor_time, answered_at_ms)
     select $2, entity, "vendorId", "hubId", live, claim, to_timestamp("claimedAtMs" / 1000), held, "parentVendorId",
       observed, published, "changedAtMs", "vendorTime", "answeredAtMs"
     from json_to_recordset($1) as r (entity text, "vendorId" text, "hubId" uuid, live boolean, claim text,
       "claimedAtMs" double precision, held text, "parentVendorId" text, observed jsonb, published jsonb,
       "changedAtMs" bigint, "vendorTime" text, "answeredAtMs" bigint)
     on conflict (system, entity, vendor_id) do update set
       hub_id = excluded.hub_id, live = excluded.live, claim = excluded.claim, claimed_at = excluded.claimed_at,
       held = excluded.held, parent_vendor_id = excluded.parent_vendor_id, observed = excluded.observed,
       published = excluded.published, changed_at_ms = excluded.changed_at_ms, vendor_time = excluded.vendor_time,
       answered_at_ms = excluded.answered_at_ms`,
    states,
    system,
  );
  await runOverRows(
    db,
    `insert into source_record (system, entity, hub_id, sequence, live, vendor_id, product_id, key, partition)
     select $2, entity, "hubId", sequence, live, "vendorId", "productId", key, partition
     from json_to_recordset($1) as r (entity text, "hubId" uuid, sequence bigint, live boolean, "vendorId" text,
       "productId" uuid, key jsonb, partition integer)
     on conflict (system, entity, hub_id) do update set
       sequence = excluded.sequence, live = excluded.live, vendor_id = excluded.vendor_id,
       product_id = excluded.product_id, key = excluded.key, partition = excluded.partition`,
    records,
    system,
  );
}
