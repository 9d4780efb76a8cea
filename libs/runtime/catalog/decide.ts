/**
 * From source events to golden events: what one commit of the catalog does. A pure function of the working
 * set. Events are taken one by one, so that the size of a batch never shows in the result.
 */
import type { HubId, SystemName } from '#contracts';
import { recordKey, sameKey } from '#contracts';
import { deepEqual, fold, linkedProduct, sameContent, splitDenied } from '#pipeline';
import type { Contribution, GoldenState, Origin, OwnershipRules } from '#pipeline';
import type { ExceptionFilter, NewException } from '#store';
import { endsFirst } from '../commit/record-change';
import type { RecordChange } from '../commit/record-change';
import type {
  CatalogWorkingSet,
  DeniedRow,
  GoldenRecord,
  SourceEvent,
  StoredContribution,
} from './catalog-model';

export interface CatalogDecisionInput extends CatalogWorkingSet {
  events: readonly SourceEvent[];
  /** Products to fold again though no event speaks of them: after the rules or the date have changed. */
  refold: readonly HubId[];
  rules: OwnershipRules;
  rulesVersion: number;
  nowMs: number;
  partitionOf(productId: HubId): number;
}

export interface CatalogDecision {
  /** In the order in which they are to be published. */
  changes: RecordChange[];
  contributions: StoredContribution[];
  golden: GoldenRecord[];
  denied: DeniedRow[];
  opened: NewException[];
  resolved: ExceptionFilter[];
}

/** Decides what a batch of source events changes. Does not modify its input. */
export function decideGoldenChanges(input: CatalogDecisionInput): CatalogDecision {
  return new GoldenChangeDecider(input).decide();
}

class GoldenChangeDecider {
  private readonly contributions = new Map<HubId, Map<SystemName, StoredContribution>>();
  private readonly golden: Map<HubId, GoldenRecord>;
  private readonly changedContributions = new Set<string>();
  private readonly changedGolden = new Set<HubId>();
  private readonly changes: RecordChange[] = [];
  private readonly denied = new Map<string, DeniedRow>();
  private readonly mismatched = new Map<HubId, NewException | null>();

  constructor(private readonly input: CatalogDecisionInput) {
    for (const [hubId, bySystem] of input.contributions) this.contributions.set(hubId, new Map(bySystem));
    this.golden = new Map(input.golden);
  }

  decide(): CatalogDecision {
    for (const event of this.input.events) this.apply(event);
    for (const productId of this.input.refold) this.refoldTree(productId, this.input.nowMs);
    const mismatches = [...this.mismatched];
    return {
      changes: this.changes,
      contributions: [...this.contributions.values()]
        .flatMap((bySystem) => [...bySystem.values()])
        .filter((c) => this.changedContributions.has(`${c.hubId} ${c.system}`)),
      golden: [...this.changedGolden].map((hubId) => this.golden.get(hubId)!),
      denied: [...this.denied.values()],
      opened: mismatches.flatMap(([, exception]) => (exception ? [exception] : [])),
      resolved: mismatches.flatMap(([hubId, exception]) =>
        exception ? [] : [{ class: 'hierarchy_mismatch' as const, hubId }],
      ),
    };
  }

  private apply(event: SourceEvent): void {
    const known = this.contributions.get(event.hubId)?.get(event.system);
    // A repeat, or an event that a newer one has overtaken: its sequence is applied already.
    if (known && known.sequence >= event.sequence) return;
    this.store(this.contribute(event, known));
    if (event.entity === 'variant')
      this.publish(this.refoldRecord(event.hubId, 'variant', event.changedAtMs));
    else this.refoldProduct(event.hubId, event.changedAtMs);
  }

  private contribute(event: SourceEvent, known: StoredContribution | undefined): StoredContribution {
    const origin: Origin = { eventId: event.eventId, tsMs: event.changedAtMs };
    const shared = {
      system: event.system,
      entity: event.entity,
      hubId: event.hubId,
      productId: event.productId,
      sequence: event.sequence,
      vendorId: event.vendorId,
    };
    if (event.attributes === null) {
      const attributes = known?.attributes ?? {};
      const origins = Object.fromEntries(Object.keys(attributes).map((name) => [name, origin]));
      return { ...shared, deleted: true, attributes, origins };
    }
    const { kept, denied } = splitDenied(event.entity, event.system, event.attributes, this.input.rules);
    for (const { attribute, value, line } of denied)
      if (value !== null) this.noteDenied(event, attribute, value, line);
    const attributes = { ...clearedOf(known), ...kept };
    const changed = (name: string): boolean =>
      !known ||
      known.deleted ||
      !Object.hasOwn(known.origins, name) ||
      !deepEqual(known.attributes[name], attributes[name]);
    const origins = Object.fromEntries(
      Object.keys(attributes).map((name) => [name, changed(name) ? origin : known!.origins[name]!]),
    );
    return { ...shared, deleted: false, attributes, origins };
  }

  private noteDenied(event: SourceEvent, attribute: string, value: unknown, line: number): void {
    const { system, entity, hubId, eventId } = event;
    const rule = `${this.input.rules.file}:${line}`;
    this.denied.set(`${hubId} ${system} ${attribute}`, {
      system,
      entity,
      hubId,
      attribute,
      value,
      eventId,
      rule,
    });
  }

  private store(contribution: StoredContribution): void {
    const bySystem = this.contributions.get(contribution.hubId) ?? new Map<SystemName, StoredContribution>();
    this.contributions.set(contribution.hubId, bySystem.set(contribution.system, contribution));
    this.changedContributions.add(`${contribution.hubId} ${contribution.system}`);
  }

  /** Folds a product and, when its coming, going or code changes theirs, its variants. */
  private refoldProduct(productId: HubId, changedAtMs: number): void {
    const before = this.golden.get(productId);
    const changes = this.refoldRecord(productId, 'product', changedAtMs);
    const after = this.golden.get(productId);
    const moved = before?.live !== after?.live || before?.key.code !== after?.key.code;
    this.publish(moved ? [...changes, ...this.refoldVariants(productId, changedAtMs)] : changes);
  }

  private refoldTree(productId: HubId, changedAtMs: number): void {
    const product = this.refoldRecord(productId, 'product', changedAtMs);
    this.publish([...product, ...this.refoldVariants(productId, changedAtMs)]);
  }

  private refoldVariants(productId: HubId, changedAtMs: number): RecordChange[] {
    const variants = new Set<HubId>();
    for (const [hubId, bySystem] of this.contributions)
      for (const c of bySystem.values())
        if (c.entity === 'variant' && c.productId === productId) variants.add(hubId);
    for (const record of this.golden.values())
      if (record.entity === 'variant' && record.productId === productId) variants.add(record.hubId);
    return [...variants].sort().flatMap((hubId) => this.refoldRecord(hubId, 'variant', changedAtMs));
  }

  /** The changes of one golden record, with its new version and place noted in the working copy. */
  private refoldRecord(hubId: HubId, entity: 'product' | 'variant', changedAtMs: number): RecordChange[] {
    const contributions = [...(this.contributions.get(hubId)?.values() ?? [])];
    const state = this.fold(entity, contributions);
    if (entity === 'variant') this.checkHierarchy(hubId, contributions, state);
    const record = this.golden.get(hubId);
    if (state === null) return record?.live ? [this.delete(record, changedAtMs)] : [];
    const key = recordKey(entity, state.attributes);
    const partition = this.input.partitionOf(state.productId);
    const target = { hubId, entity, key, partition, state, changedAtMs };
    if (!record?.live) return [this.write(target, record, 'c')];
    if (record.partition !== partition || !sameKey(record.key, key)) {
      const oldKey = record.key;
      const ended = { ...this.delete(record, changedAtMs), newKey: key };
      return [ended, { ...this.write(target, this.golden.get(hubId), 'c'), oldKey }];
    }
    const silent = record.productId === state.productId && sameContent(record, state);
    return silent ? [] : [this.write(target, record, 'u')];
  }

  private fold(entity: 'product' | 'variant', contributions: readonly Contribution[]): GoldenState | null {
    const { rules, nowMs } = this.input;
    const date = new Date(nowMs).toISOString().slice(0, 10);
    const productId = entity === 'variant' ? linkedProduct(contributions, rules) : null;
    const product = productId === null ? undefined : this.golden.get(productId);
    return fold({ entity, contributions, product: product?.live ? product : null, rules, date });
  }

  /** Systems that place a variant under another product than its owner does are named, and nothing else happens. */
  private checkHierarchy(
    hubId: HubId,
    contributions: readonly StoredContribution[],
    state: GoldenState | null,
  ): void {
    const others = contributions.filter((c) => !c.deleted && state && c.productId !== state.productId);
    if (others.length === 0 || state === null) return void this.mismatched.set(hubId, null);
    const sku = String(state.attributes.sku);
    const said = others
      .map((c) => `${c.system} says ${String(c.attributes.product ?? c.productId)}`)
      .join(', ');
    this.mismatched.set(hubId, {
      class: 'hierarchy_mismatch',
      severity: 'warning',
      entity: 'variant',
      hubId,
      recordKey: sku,
      message: `placing variant "${sku}": it belongs to product "${String(state.attributes.product)}", but ${said}. Correct the systems that differ.`,
    });
  }

  private write(
    target: {
      hubId: HubId;
      entity: 'product' | 'variant';
      key: GoldenRecord['key'];
      partition: number;
      state: GoldenState;
      changedAtMs: number;
    },
    record: GoldenRecord | undefined,
    op: 'c' | 'u',
  ): RecordChange {
    const { state, changedAtMs, ...place } = target;
    const { attributes, provenance, productId } = state;
    const version = (record?.version ?? 0) + 1;
    this.save({ ...place, ...state, version, live: true, rulesVersion: this.input.rulesVersion });
    const before = op === 'u' && record ? beforeOf(record) : null;
    const times = { changedAtMs, vendorId: null, vendorTime: null };
    return { ...place, ...times, productId, op, version, before, after: attributes, provenance };
  }

  private delete(record: GoldenRecord, changedAtMs: number): RecordChange {
    const { hubId, entity, productId, key, partition } = record;
    const version = record.version + 1;
    this.save({ ...record, version, live: false, rulesVersion: this.input.rulesVersion });
    const times = { changedAtMs, vendorId: null, vendorTime: null };
    const place = { hubId, entity, productId, key, partition };
    return { ...place, ...times, op: 'd', version, before: beforeOf(record), after: null, provenance: [] };
  }

  private save(record: GoldenRecord): void {
    this.golden.set(record.hubId, record);
    this.changedGolden.add(record.hubId);
  }

  private publish(changes: readonly RecordChange[]): void {
    this.changes.push(...endsFirst(changes));
  }
}

const beforeOf = ({ attributes, version, productId }: GoldenRecord): RecordChange['before'] => ({
  attributes,
  version,
  productId,
});

/** What a system had supplied and does not mention any more is cleared, not forgotten. */
function clearedOf(known: StoredContribution | undefined): Contribution['attributes'] {
  return Object.fromEntries(Object.keys(known?.attributes ?? {}).map((name) => [name, null]));
}
