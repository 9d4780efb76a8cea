/**
 * For specs only: a little world around `decideSourceChanges`. It gives hub_ids, keeps in maps what a commit
 * would write, feeds it to the next page, and checks the stream of changes after each one.
 */
import { normaliseCode, partitionOf } from '#contracts';
import type { Attributes, EntityName, HubId } from '#contracts';
import { codeKey } from '#store';
import type { NewException } from '#store';
import { ChangeStream, tell } from '../commit/change-stream';
import type { RecordChange, Standing } from '../commit/record-change';
import { decideSourceChanges } from './decide';
import type { SourceDecision } from './decide';
import { hubKey, vendorKey } from './source-model';
import { SourceSetLoader } from './source-state.repository';
import type { LoadedSet } from './source-state.repository';
import { vendorTables } from './vendor-tables';
import type {
  SeenGone,
  SeenPresent,
  SeenRecord,
  SourceRecord,
  SourceState,
  SourceWorkingSet,
} from './source-model';

/** An observation of a product as it comes from translation. */
export function product(vendorId: string, code: string, attributes: Attributes = {}): SeenPresent {
  return present('product', vendorId, code, null, { code, ...attributes });
}

/** An observation of a variant as it comes from translation. */
export function variant(
  vendorId: string,
  sku: string,
  parentVendorId: string | null,
  attributes: Attributes = {},
): SeenPresent {
  return present('variant', vendorId, sku, parentVendorId, { sku, ...attributes });
}

function present(
  entity: EntityName,
  vendorId: string,
  code: string,
  parentVendorId: string | null,
  attributes: Attributes,
): SeenPresent {
  const times = { changedAtMs: 1_000, vendorTime: '1970-01-01T00:00:01Z', answeredAtMs: 1_000 };
  const claim = normaliseCode(code);
  return { kind: 'present', entity, vendorId, claim, parentVendorId, attributes, kept: [], ...times };
}

export function gone(entity: EntityName, vendorId: string): SeenGone {
  return { kind: 'gone', entity, vendorId, changedAtMs: 2_000, answeredAtMs: 2_000 };
}

/** The hub_id that the world gives as its n-th. */
export const hub = (n: number): HubId => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export interface WorldOptions {
  /** Default 1: all records share a partition, so that each collision of keys is one of places. */
  partitions?: number;
  /** Whether the system owns codes and SKUs. Default true. */
  ownsCode?: boolean;
}

export interface PageOptions {
  snapshot?: boolean;
  republishUnchanged?: boolean;
}

export class VendorWorld {
  readonly states = new Map<string, SourceState>();
  readonly records = new Map<string, SourceRecord>();
  readonly identities = new Map<string, HubId>();
  readonly stream = new ChangeStream();
  /** Exceptions that are open, by class, entity and vendor id. */
  readonly exceptions = new Map<string, NewException>();
  decision: SourceDecision | null = null;
  private hubs = 0;
  private nowMs = 1_763_700_000_000;

  constructor(readonly options: WorldOptions = {}) {}

  /** Gives ids to the codes of a page, in what is a short transaction of its own. */
  giveHubIds(seen: readonly SeenRecord[]): void {
    for (const s of seen) if (s.kind === 'present') this.name(s.entity, s.claim);
  }

  /** Commits a page; returns what it published. Decides on `set`, by default on all that there is. */
  commit(
    seen: readonly SeenRecord[],
    options: PageOptions = {},
    set: SourceWorkingSet = this,
  ): RecordChange[] {
    this.giveHubIds(seen);
    const { partitions = 1, ownsCode = true } = this.options;
    this.nowMs += 1_000;
    const decision = decideSourceChanges({
      states: set.states,
      records: set.records,
      identities: set.identities,
      system: 'plytix',
      seen,
      snapshot: options.snapshot ?? false,
      republishUnchanged: options.republishUnchanged ?? false,
      nowMs: this.nowMs,
      partitionOf: (productId) => partitionOf(productId, partitions),
      ownsCode: () => ownsCode,
      newHubId: () => this.newHubId(),
    });
    this.keep(decision);
    const standing = this.standing();
    const read = new Set(
      [...set.records.values(), ...decision.records].map((r) => hubKey(r.entity, r.hubId)),
    );
    const inHand = standing.filter((record) => read.has(hubKey(record.entity, record.hubId)));
    return this.stream.publish(decision.changes, standing, inHand);
  }

  /** Commits a page with what the loader reads for it, and no more. */
  async commitLoaded(seen: readonly SeenRecord[]): Promise<RecordChange[]> {
    return this.commit(seen, {}, await this.load(seen));
  }

  /** What the loader reads for a page. */
  load(seen: readonly SeenRecord[]): Promise<LoadedSet> {
    this.giveHubIds(seen);
    return new SourceSetLoader(vendorTables(this), 'plytix', seen).load();
  }

  /** Commits a page and tells its changes in words; fails when the stream breaks a promise. */
  see(...seen: SeenRecord[]): string[] {
    return this.tell(this.commit(seen));
  }

  seeSnapshot(...seen: SeenRecord[]): string[] {
    return this.tell(this.commit(seen, { snapshot: true }));
  }

  tell(changes: readonly RecordChange[]): string[] {
    if (this.stream.violations.length > 0) throw new Error(this.stream.violations.join('\n'));
    return changes.map(tell);
  }

  /** Another system brings a code first. */
  name(entity: EntityName, claim: string): HubId {
    const key = codeKey(entity, claim);
    const known = this.identities.get(key) ?? this.newHubId();
    this.identities.set(key, known);
    return known;
  }

  /** The owner of codes, another system than this one, gives a code to a new record. */
  giveAway(entity: EntityName, claim: string): void {
    this.identities.set(codeKey(entity, claim), this.newHubId());
  }

  state(entity: EntityName, vendorId: string): SourceState {
    const state = this.states.get(vendorKey(entity, vendorId));
    if (!state) throw new Error(`looking for ${entity} ${vendorId}: it was never seen`);
    return state;
  }

  held(): string[] {
    const held = [...this.states.values()].filter((state) => state.held !== null);
    return held.map((state) => `${state.entity} ${state.vendorId} ${state.held}`).sort();
  }

  open(): string[] {
    return [...this.exceptions.keys()].sort();
  }

  private newHubId(): HubId {
    this.hubs += 1;
    return hub(this.hubs);
  }

  private keep(decision: SourceDecision): void {
    this.decision = decision;
    for (const state of decision.states)
      this.states.set(vendorKey(state.entity, state.vendorId), deepFreeze(state));
    for (const record of decision.records)
      this.records.set(hubKey(record.entity, record.hubId), deepFreeze(record));
    for (const { entity, code, hubId } of decision.codes) this.identities.set(codeKey(entity, code), hubId);
    for (const e of decision.resolved) this.exceptions.delete(`${e.class} ${e.entity} ${e.recordKey}`);
    for (const e of decision.opened) this.exceptions.set(`${e.class} ${e.entity} ${e.recordKey}`, e);
  }

  /** As the committer finds them. */
  private standing(): Standing[] {
    return [...this.records.values()].flatMap((record): Standing[] => {
      if (!record.live) return [];
      const { published, vendorId, vendorTime, changedAtMs } = this.state(record.entity, record.vendorId);
      const times = { vendorTime, changedAtMs: changedAtMs ?? 0 };
      const { sequence: version, entity, hubId, productId, key, partition } = record;
      return [{ entity, hubId, productId, key, partition, version, after: published, vendorId, ...times }];
    });
  }
}

/** What a decision reads may not be changed by it: writing to it throws. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
