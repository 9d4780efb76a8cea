/**
 * From observations to changes: what one commit of the source runtime does. A pure function of the working
 * set; all of `c u d r`, no-op silence, claims, holds, releases, renames and re-keys come from here.
 */
import type { Attributes, EntityName, HubId, RecordKey, SystemName } from '#contracts';
import { deepEqual, mergeObserved } from '#pipeline';
import { codeKey } from '#store';
import type { CodeAssignment, ExceptionFilter, NewException } from '#store';
import type { RecordChange } from '../commit/record-change';
import { endsFirst } from '../commit/record-change';
import { rivalOf, settleClaim } from './claims';
import type { ClaimTable, TouchedClaim } from './claims';
import { heldException } from './held-exception';
import { RecordBook } from './record-book';
import type { Placed } from './record-book';
import { vendorKey } from './source-model';
import type { SeenPresent, SeenRecord, SourceRecord, SourceState, SourceWorkingSet } from './source-model';

export interface SourceDecisionInput extends SourceWorkingSet {
  system: SystemName;
  seen: readonly SeenRecord[];
  /** True while a snapshot is read: a record that is new to us is an `r`, as in Debezium. */
  snapshot: boolean;
  /** A snapshot that somebody asked for also publishes what did not change, with the version that it has. */
  republishUnchanged: boolean;
  nowMs: number;
  partitionOf(productId: HubId): number;
  ownsCode(entity: EntityName): boolean;
  newHubId(): HubId;
}

export interface SourceDecision {
  /** In the order in which they are to be published. */
  changes: RecordChange[];
  states: SourceState[];
  records: SourceRecord[];
  newHubs: { hubId: HubId; entity: EntityName }[];
  codes: CodeAssignment[];
  opened: NewException[];
  resolved: ExceptionFilter[];
}

/** Decides what a batch of observations changes. Does not modify its input. */
export function decideSourceChanges(input: SourceDecisionInput): SourceDecision {
  return new SourceChangeDecider(input).decide();
}

class SourceChangeDecider {
  private readonly states = new Map<string, SourceState>();
  private readonly dirty = new Set<SourceState>();
  private readonly formerlyHeld = new Map<SourceState, SourceState['held']>();
  private readonly touched = new Map<string, TouchedClaim>();
  private readonly identities: Map<string, HubId>;
  private readonly book: RecordBook;
  private readonly out: SourceDecision = {
    changes: [],
    states: [],
    records: [],
    newHubs: [],
    codes: [],
    opened: [],
    resolved: [],
  };

  constructor(private readonly input: SourceDecisionInput) {
    for (const [key, state] of input.states) {
      const copy = { ...state };
      this.states.set(key, copy);
      this.formerlyHeld.set(copy, state.held);
    }
    this.book = new RecordBook(input.records, input.nowMs);
    this.identities = new Map(input.identities);
  }

  decide(): SourceDecision {
    for (const [index, seen] of this.input.seen.entries()) this.accept(seen, index);
    this.settleClaims();
    // Products first: where they are decides where their variants are.
    const changes = this.publishAll('product');
    this.addDependentVariants();
    changes.push(...this.publishAll('variant'), ...this.publishOthers());
    this.out.changes = endsFirst(changes);
    this.out.states = [...this.dirty];
    this.out.records = this.book.changed();
    this.reportHolds();
    return this.out;
  }

  private accept(seen: SeenRecord, index: number): void {
    const known = this.states.get(vendorKey(seen.entity, seen.vendorId));
    if (seen.kind === 'present') this.acceptPresent(seen, known ?? this.newState(seen), index);
    else if (known?.live) this.end(known, seen);
  }

  private acceptPresent(seen: SeenPresent, state: SourceState, index: number): void {
    this.endOtherKind(seen);
    if (!state.live || state.claim !== seen.claim) {
      // Given up before anything is claimed, even while it is held: so that two can swap.
      this.releaseClaim(state);
      state.claim = seen.claim;
      state.claimedAtMs = this.input.nowMs + index / 1_000;
      state.held = 'duplicate_key';
    }
    // Also when it was held before: what it waits for may have ended elsewhere, by another system's commit.
    if (state.held === 'duplicate_key') this.touch(state.entity, seen.claim);
    state.live = true;
    state.observed = mergeObserved(state.observed, seen.attributes, [...seen.kept]);
    state.parentVendorId = seen.parentVendorId;
    this.noteTimes(state, seen);
    this.dirty.add(state);
  }

  /** A vendor may turn a product into a variant of another, or back, under one id: the former record ends. */
  private endOtherKind(seen: SeenPresent): void {
    const other = seen.entity === 'product' ? 'variant' : seen.entity === 'variant' ? 'product' : null;
    const state = other && this.states.get(vendorKey(other, seen.vendorId));
    if (state?.live) this.end(state, seen);
  }

  private end(state: SourceState, seen: Pick<SeenRecord, 'changedAtMs' | 'answeredAtMs'>): void {
    this.releaseClaim(state);
    state.live = false;
    state.claim = null;
    state.held = null;
    state.changedAtMs = Math.max(seen.changedAtMs, state.changedAtMs ?? 0);
    state.answeredAtMs = seen.answeredAtMs;
    this.dirty.add(state);
  }

  private noteTimes(state: SourceState, seen: SeenPresent): void {
    state.changedAtMs = seen.changedAtMs;
    state.vendorTime = seen.vendorTime;
    state.answeredAtMs = seen.answeredAtMs;
  }

  private newState(seen: SeenRecord): SourceState {
    const state: SourceState = {
      entity: seen.entity,
      vendorId: seen.vendorId,
      hubId: null,
      live: false,
      claim: null,
      claimedAtMs: this.input.nowMs,
      held: null,
      parentVendorId: null,
      observed: null,
      published: null,
      changedAtMs: null,
      vendorTime: null,
      answeredAtMs: seen.answeredAtMs,
    };
    this.states.set(vendorKey(seen.entity, seen.vendorId), state);
    this.formerlyHeld.set(state, null);
    return state;
  }

  private releaseClaim(state: SourceState): void {
    if (state.claim !== null) this.touch(state.entity, state.claim);
  }

  private touch(entity: EntityName, code: string): void {
    this.touched.set(vendorKey(entity, code), { entity, code });
  }

  private settleClaims(): void {
    const table: ClaimTable = {
      states: this.states,
      identities: this.identities,
      ownsCode: (entity) => this.input.ownsCode(entity),
      newHubId: (entity) => {
        const hubId = this.input.newHubId();
        this.out.newHubs.push({ hubId, entity });
        return hubId;
      },
      changed: (state) => void this.dirty.add(state),
      moveCode: (assignment) => void this.out.codes.push(assignment),
    };
    this.touchWaiting();
    for (const claim of this.touched.values()) settleClaim(table, claim);
  }

  /** Claims whose code names a record for which nobody stands any more. */
  private touchWaiting(): void {
    const freed = new Set([...this.dirty].filter((state) => !state.live).map((state) => state.hubId));
    for (const { live, held, entity, claim } of this.states.values()) {
      if (!live || held !== 'duplicate_key' || claim === null) continue;
      const named = this.identities.get(codeKey(entity, claim));
      if (named !== undefined && freed.has(named)) this.touch(entity, claim);
    }
  }

  /** Variants that were not observed, but whose product has moved, or has only now arrived. */
  private addDependentVariants(): void {
    for (const state of this.states.values()) {
      if (state.entity !== 'variant' || !state.live || state.held === 'duplicate_key') continue;
      const parent = this.parentOf(state);
      const code = parent ? this.codeOfProduct(parent) : null;
      if (!parent || code === null) continue;
      const record = this.book.of(state);
      if (!record?.live || record.productId !== parent.hubId || record.key.product !== code)
        this.dirty.add(state);
    }
  }

  /** Ends before the rest: a vendor id may take over, in one batch, the record that another one leaves. */
  private publishAll(entity: 'product' | 'variant'): RecordChange[] {
    const states = [...this.dirty].filter((state) => state.entity === entity);
    const ended = states.filter((state) => !state.live);
    const others = states.filter((state) => state.live);
    return [...ended, ...others].flatMap((state) => this.publish(state));
  }

  private publishOthers(): RecordChange[] {
    const own = new Set<EntityName>(['product', 'variant']);
    return [...this.dirty].filter((state) => !own.has(state.entity)).flatMap((state) => this.publish(state));
  }

  /** The changes of one vendor id's record, and the record's new sequence and place. */
  private publish(state: SourceState): RecordChange[] {
    const record = this.book.of(state);
    if (!state.live)
      return record?.live && record.vendorId === state.vendorId ? [this.book.end(state, record)] : [];
    if (state.held === 'duplicate_key' || state.hubId === null) return [];
    const placed = this.place(state, state.hubId, record);
    if (placed === null) {
      state.held = 'identity_unresolved';
      return [];
    }
    state.held = null;
    return this.moveTo(state, state.hubId, placed, record);
  }

  private moveTo(
    state: SourceState,
    hubId: HubId,
    placed: Placed,
    record: SourceRecord | undefined,
  ): RecordChange[] {
    const published = state.published;
    if (!record?.live || published === null)
      return [this.book.write(state, hubId, placed, this.input.snapshot ? 'r' : 'c', null)];
    if (record.partition !== placed.partition || !deepEqual(record.key, placed.key)) {
      const oldKey = record.key;
      const ended = { ...this.book.end(state, record), newKey: placed.key };
      return [ended, { ...this.book.write(state, hubId, placed, 'c', null), oldKey }];
    }
    if (record.productId !== placed.productId || !deepEqual(published, placed.attributes))
      return [this.book.write(state, hubId, placed, 'u', published)];
    return this.input.republishUnchanged ? [this.book.repeat(state, record, published)] : [];
  }

  private place(state: SourceState, hubId: HubId, record: SourceRecord | undefined): Placed | null {
    const attributes = state.observed ?? {};
    if (state.entity !== 'variant') {
      const partition = this.input.partitionOf(hubId);
      return { productId: hubId, key: keyOf(state.entity, attributes), partition, attributes };
    }
    const parent = this.parentOf(state);
    if (!parent?.hubId) return null;
    // A product that is gone leaves its variants where they stood, until the vendor says that they are gone.
    const stood = record?.productId === parent.hubId ? record.key.product : undefined;
    const product = this.codeOfProduct(parent) ?? stood;
    if (!product) return null;
    const ofVariant = { ...attributes, product };
    const partition = this.input.partitionOf(parent.hubId);
    return { productId: parent.hubId, key: keyOf('variant', ofVariant), partition, attributes: ofVariant };
  }

  private parentOf(state: SourceState): SourceState | undefined {
    return state.parentVendorId === null
      ? undefined
      : this.states.get(vendorKey('product', state.parentVendorId));
  }

  /** The code under which the product stands after this commit; null when it does not, or another one in its place. */
  private codeOfProduct(product: SourceState): string | null {
    const record = this.book.of(product);
    return record?.live && record.vendorId === product.vendorId ? (record.key.code ?? null) : null;
  }

  /** Opens an exception for what is held now, and resolves that of what is held no more. */
  private reportHolds(): void {
    for (const state of this.dirty) {
      const former = this.formerlyHeld.get(state) ?? null;
      const id = { system: this.input.system, entity: state.entity, recordKey: state.vendorId };
      if (former !== null && former !== state.held) this.out.resolved.push({ class: former, ...id });
      if (state.held === null) continue;
      const rival = rivalOf(this.states, this.identities, state);
      this.out.opened.push(heldException(this.input.system, state, rival));
    }
  }
}

function keyOf(entity: EntityName, attributes: Attributes): RecordKey {
  const text = (name: string): string => String(attributes[name] ?? '');
  return entity === 'variant' ? { product: text('product'), sku: text('sku') } : { code: text('code') };
}
