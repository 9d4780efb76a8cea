/**
 * For specs only: a little world around `decideGoldenChanges`. It keeps in maps what a commit would write,
 * feeds it to the next batch, and checks the stream of golden changes after each one.
 */
import { partitionOf } from '#contracts';
import type { Attributes, HubId, SystemName } from '#contracts';
import { parseOwnership } from '#pipeline';
import type { OwnershipRules } from '#pipeline';
import { ChangeStream, tell } from '../commit/change-stream';
import type { RecordChange, Standing } from '../commit/record-change';
import type { GoldenRecord, SourceEvent, StoredContribution } from './catalog-model';
import { decideGoldenChanges } from './decide';
import type { CatalogDecision } from './decide';

export const RULES = `
product:
  exists: plytix
  code: plytix
  name: plytix
  status: plytix
  season: centric
  description: { owner: centric, until: { status: released }, then: plytix }
variant:
  exists: plytix
  product: plytix
  sku: plytix
  size: plytix
  composition: centric
never:
  inventory.*: [plytix]
`;

export function rulesOf(text: string): OwnershipRules {
  const systems = new Map([
    ['plytix', { title: 'Plytix', kind: 'pim' as const }],
    ['centric', { title: 'Centric PLM', kind: 'plm' as const }],
  ]);
  return parseOwnership(text, 'ownership.yaml', systems);
}

/** The n-th hub_id. */
export const hub = (n: number): HubId => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

interface Said {
  sequence: number;
  /** null: the system's record ended. */
  attributes: Attributes | null;
}

/** What a system says of product n. */
export function ofProduct(system: SystemName, n: number, { sequence, attributes }: Said): SourceEvent {
  return {
    system,
    entity: 'product',
    hubId: hub(n),
    productId: hub(n),
    sequence,
    attributes,
    eventId: `${system} ${n} ${sequence}`,
    changedAtMs: sequence * 1_000,
    vendorId: `p${n}`,
  };
}

/** What a system says of variant n of product `of`. */
export function ofVariant(system: SystemName, n: number, of: number, said: Said): SourceEvent {
  return { ...ofProduct(system, n, said), entity: 'variant', productId: hub(of), vendorId: `v${n}` };
}

export class CatalogWorld {
  readonly contributions = new Map<HubId, Map<SystemName, StoredContribution>>();
  readonly golden = new Map<HubId, GoldenRecord>();
  readonly stream = new ChangeStream();
  rules = rulesOf(RULES);
  rulesVersion = 1;
  decision: CatalogDecision | null = null;

  constructor(private readonly partitions = 1) {}

  /** Commits a batch; returns its changes without the repeats that the committer adds. */
  commit(events: readonly SourceEvent[], refold: readonly HubId[] = []): RecordChange[] {
    const { contributions, golden, rules, rulesVersion } = this;
    const decision = decideGoldenChanges({
      contributions,
      golden,
      events,
      refold,
      rules,
      rulesVersion,
      nowMs: 1_763_700_000_000,
      partitionOf: (productId) => partitionOf(productId, this.partitions),
    });
    this.decision = decision;
    for (const c of decision.contributions)
      this.contributions.set(c.hubId, new Map(this.contributions.get(c.hubId)).set(c.system, freeze(c)));
    for (const record of decision.golden) this.golden.set(record.hubId, freeze(record));
    this.stream.publish(decision.changes, this.standing());
    return decision.changes;
  }

  /** Commits a batch and tells its changes in words; fails when the stream breaks a promise. */
  take(...events: SourceEvent[]): string[] {
    const changes = this.commit(events);
    if (this.stream.violations.length > 0) throw new Error(this.stream.violations.join('\n'));
    return changes.map(tell);
  }

  of(n: number): GoldenRecord {
    const record = this.golden.get(hub(n));
    if (!record) throw new Error(`looking for golden record ${n}: there is none`);
    return record;
  }

  /** attribute → `system event`, as the golden record's provenance tells it. */
  provenanceOf(n: number): Record<string, string> {
    const groups = this.of(n).provenance;
    return Object.fromEntries(groups.flatMap((g) => g.attributes.map((name) => [name, g.event_id])));
  }

  private standing(): Standing[] {
    const times = { changedAtMs: 0, vendorId: null, vendorTime: null };
    return [...this.golden.values()].flatMap(({ live, attributes: after, ...record }) =>
      live ? [{ ...record, after, ...times }] : [],
    );
  }
}

/** What a decision reads may not be changed by it: writing to it throws. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
