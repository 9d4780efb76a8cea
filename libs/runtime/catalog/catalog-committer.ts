/** Commits source events to the catalog: contributions, golden records and golden events, as one. */
import { partitionOf } from '#contracts';
import type { HubId } from '#contracts';
import type { OwnershipRules } from '#pipeline';
import { currentRules, lockRulesShared, openExceptions, resolveExceptions } from '#store';
import type { Connection, RulesVersion } from '#store';
import type { CommitDecision, Committer } from '../commit/commit';
import { repeatNeighbours } from '../commit/record-change';
import type { Standing } from '../commit/record-change';
import { newTraceparent } from '../commit/record-encoder';
import type { RecordEncoder } from '../commit/record-encoder';
import type { SourceEvent } from './catalog-model';
import { CatalogSetLoader, hubIdsOf, saveContributions, saveDenied, saveGolden } from './catalog.repository';
import type { LoadedCatalogSet } from './catalog.repository';
import { decideGoldenChanges } from './decide';
import type { CatalogDecision } from './decide';

export interface CatalogCommitterOptions {
  committer: Committer;
  encoder: RecordEncoder;
  rules: OwnershipRules;
  rulesVersion: RulesVersion;
  partitions: number;
}

/** Thrown when other rules are in force than this process holds. It must end, and start with those. */
export class RulesReplaced extends Error {
  override name = 'RulesReplaced';
}

interface GoldenDecision extends CommitDecision {
  decision: CatalogDecision;
}

export class CatalogCommitter {
  constructor(private readonly options: CatalogCommitterOptions) {}

  /** Applies events in their order. What is applied already, or overtaken, changes nothing. */
  async commit(events: readonly SourceEvent[]): Promise<CatalogDecision> {
    return this.run(events, []);
  }

  /** Folds product trees again, after the rules have changed. */
  async refold(products: readonly HubId[]): Promise<CatalogDecision> {
    return this.run([], products);
  }

  private async run(events: readonly SourceEvent[], refold: readonly HubId[]): Promise<CatalogDecision> {
    const work = new GoldenCommit(this.options, events, refold);
    return (await this.options.committer.commit<GoldenDecision>(work)).decision;
  }
}

class GoldenCommit {
  private set: LoadedCatalogSet = { sought: new Set(), contributions: new Map(), golden: new Map() };
  private now = new Date(0);
  private readonly traceparent = newTraceparent();

  constructor(
    private readonly options: CatalogCommitterOptions,
    private readonly events: readonly SourceEvent[],
    private readonly refold: readonly HubId[],
  ) {}

  async firstLock(tx: Connection): Promise<void> {
    await lockRulesShared(tx);
  }

  async touches(db: Connection): Promise<ReadonlySet<HubId>> {
    this.set = await new CatalogSetLoader(db, this.events, this.refold).load();
    return hubIdsOf(this.set);
  }

  async decide(tx: Connection, now: Date): Promise<GoldenDecision> {
    const { rules, rulesVersion, partitions, encoder } = this.options;
    // Under the shared lock: what is folded here is folded by the rules in force until this commit ends.
    const inForce = await currentRules(tx);
    if (inForce?.number !== rulesVersion.number)
      throw new RulesReplaced(
        `folding by rules version ${rulesVersion.number}: version ${inForce?.number ?? 'none'} is in force. Start this process again with those rules.`,
      );
    this.now = now;
    const decision = decideGoldenChanges({
      ...this.set,
      events: this.events,
      refold: this.refold,
      rules,
      rulesVersion: rulesVersion.number,
      nowMs: now.getTime(),
      partitionOf: (productId) => partitionOf(productId, partitions),
    });
    const changes = [...decision.changes, ...repeatNeighbours(decision.changes, this.standing(decision))];
    const context = {
      now,
      snapshot: false,
      rulesVersion: rulesVersion.number,
      traceparent: this.traceparent,
    };
    return { decision, records: changes.flatMap((change) => encoder.encode(change, context)) };
  }

  async write(tx: Connection, { decision }: GoldenDecision): Promise<void> {
    await saveContributions(tx, decision.contributions);
    await saveGolden(tx, decision.golden, this.now);
    await saveDenied(tx, decision.denied, this.now);
    await resolveExceptions(tx, decision.resolved);
    await openExceptions(tx, decision.opened);
  }

  /** All golden records of the set that are live after this decision. */
  private standing(decision: CatalogDecision): Standing[] {
    const golden = new Map(this.set.golden);
    for (const record of decision.golden) golden.set(record.hubId, record);
    return [...golden.values()].flatMap((record) => {
      if (!record.live) return [];
      const { entity, hubId, productId, version, key, partition, attributes, provenance } = record;
      const times = { changedAtMs: this.now.getTime(), vendorId: null, vendorTime: null };
      return [{ entity, hubId, productId, version, key, partition, after: attributes, provenance, ...times }];
    });
  }
}
