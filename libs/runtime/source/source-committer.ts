/**
 * Commits a page of observations: identity in a short transaction of its own, then the commit proper, which
 * ends with the task's lease and source offset.
 */
import { randomUUID } from 'node:crypto';
import { partitionOf } from '#contracts';
import type { EntityName, SystemName } from '#contracts';
import type { OwnershipRules } from '#pipeline';
import {
  assignHubIds,
  codeKey,
  confirmLease,
  findHubIds,
  insertHubRecords,
  moveCodes,
  openExceptions,
  resolveExceptions,
} from '#store';
import type { Connection, ExceptionFilter, HeldLease, LeaseUpdate, NewException } from '#store';
import type { Pool } from 'pg';
import { BatchMoved, LeaseLost } from '../commit/commit';
import type { CommitDecision, Committer } from '../commit/commit';
import { repeatNeighbours } from '../commit/record-change';
import type { RecordChange, Standing } from '../commit/record-change';
import { newTraceparent } from '../commit/record-encoder';
import type { RecordEncoder } from '../commit/record-encoder';
import { decideSourceChanges } from './decide';
import type { SourceDecision } from './decide';
import { hubKey, vendorKey } from './source-model';
import type { SeenRecord, SourceState } from './source-model';
import { hubIdsOf, saveSourceSet, SourceSetLoader } from './source-state.repository';
import type { LoadedSet } from './source-state.repository';

export interface SourceCommitterOptions {
  pool: Pool;
  committer: Committer;
  encoder: RecordEncoder;
  system: SystemName;
  rules: OwnershipRules;
  partitions: number;
  leaseTtlMs: number;
}

/** What a commit does beside the observations. */
export interface PageContext {
  lease: HeldLease;
  update: LeaseUpdate;
  snapshot: boolean;
  republishUnchanged: boolean;
  opened: readonly NewException[];
  resolved: readonly ExceptionFilter[];
}

interface PageDecision extends CommitDecision {
  decision: SourceDecision;
}

export class SourceCommitter {
  constructor(private readonly options: SourceCommitterOptions) {}

  /** Commits the page; resolves with the number of changes. Throws `LeaseLost` when the task is another's. */
  async commit(seen: readonly SeenRecord[], page: PageContext): Promise<number> {
    await this.giveHubIds(seen);
    const { pool: _pool, committer, ...options } = this.options;
    const result = await committer.commit<PageDecision>(new PageCommit(options, seen, page));
    return result.decision.changes.length;
  }

  /** In a transaction of its own: two systems that bring one product at once get one hub_id for it. */
  private async giveHubIds(seen: readonly SeenRecord[]): Promise<void> {
    const codes = seen.flatMap((s) => (s.kind === 'present' ? [{ entity: s.entity, code: s.claim }] : []));
    const known = await findHubIds(this.options.pool, codes);
    await assignHubIds(
      this.options.pool,
      codes.filter((c) => !known.has(codeKey(c.entity, c.code))),
    );
  }
}

class PageCommit {
  private set: LoadedSet = { states: new Map(), records: new Map(), identities: new Map() };
  private readonly traceparent = newTraceparent();

  constructor(
    private readonly options: Omit<SourceCommitterOptions, 'pool' | 'committer'>,
    private readonly seen: readonly SeenRecord[],
    private readonly page: PageContext,
  ) {}

  async touches(db: Connection): Promise<ReadonlySet<string>> {
    this.set = await new SourceSetLoader(db, this.options.system, this.seen).load();
    return hubIdsOf(this.set);
  }

  async decide(_tx: Connection, now: Date): Promise<PageDecision> {
    const { states, records, identities } = this.set;
    // The codes were looked up under the locks of the records that they name. One that names nothing was
    // taken away between our short transaction and the lock: begin again.
    for (const seen of this.seen)
      if (seen.kind === 'present' && !identities.has(codeKey(seen.entity, seen.claim)))
        throw new BatchMoved(`committing ${this.options.system} ${seen.vendorId}: its code has moved`);
    const decision = decideSourceChanges({
      states,
      records,
      identities,
      system: this.options.system,
      seen: this.seen,
      snapshot: this.page.snapshot,
      republishUnchanged: this.page.republishUnchanged,
      nowMs: now.getTime(),
      partitionOf: (productId) => partitionOf(productId, this.options.partitions),
      ownsCode: (entity) => this.ownsCode(entity),
      newHubId: randomUUID,
    });
    const changes = [...decision.changes, ...repeatNeighbours(decision.changes, this.standing(decision))];
    const context = { now, snapshot: this.page.snapshot, traceparent: this.traceparent };
    const encoded = changes.flatMap((change) => this.options.encoder.encode(change, context));
    return { decision, records: encoded };
  }

  async write(tx: Connection, { decision }: PageDecision): Promise<void> {
    await insertHubRecords(tx, decision.newHubs);
    await moveCodes(tx, lastOfEachCode(decision.codes));
    await saveSourceSet(tx, this.options.system, decision.states, decision.records);
    await resolveExceptions(tx, [...this.page.resolved, ...decision.resolved]);
    await openExceptions(tx, [...this.page.opened, ...decision.opened]);
    // The offset lies in the lease's row: it moves with the page or not at all, and only under our epoch.
    // A task that was replaced while it slept writes nothing.
    if (!(await confirmLease(tx, this.page.lease, this.options.leaseTtlMs, this.page.update)))
      throw new LeaseLost(this.page.lease.name);
  }

  private ownsCode(entity: EntityName): boolean {
    const attribute = entity === 'variant' ? 'sku' : 'code';
    return this.options.rules.rule(entity, attribute)?.chain[0]?.owner === this.options.system;
  }

  /** All records of the set that stand after this decision. */
  private standing(decision: SourceDecision): Standing[] {
    const records = new Map(this.set.records);
    for (const record of decision.records) records.set(hubKey(record.entity, record.hubId), record);
    const states = new Map(this.set.states);
    for (const state of decision.states) states.set(vendorKey(state.entity, state.vendorId), state);
    return [...records.values()].flatMap((record) => {
      const state = states.get(vendorKey(record.entity, record.vendorId));
      return record.live && state?.published ? [{ ...record, ...standingState(state, record.sequence) }] : [];
    });
  }
}

function standingState(
  state: SourceState,
  version: number,
): Pick<RecordChange, 'version' | 'after' | 'changedAtMs' | 'vendorId' | 'vendorTime'> {
  const { published, changedAtMs, vendorId, vendorTime } = state;
  return { version, after: published, changedAtMs: changedAtMs ?? 0, vendorId, vendorTime };
}

function lastOfEachCode(codes: SourceDecision['codes']): SourceDecision['codes'] {
  return [...new Map(codes.map((code) => [codeKey(code.entity, code.code), code])).values()];
}
