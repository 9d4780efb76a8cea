/**
 * Folds every product tree again after new rules have come into force, so that no record shows what the former
 * ones decided. One process does it, under a lease that keeps how far it is; a record whose content does not
 * change gets no event.
 */
import type { HubId } from '#contracts';
import { confirmLease } from '#store';
import type { HeldLease } from '#store';
import type { Pool } from 'pg';
import { LeaseLost } from '../commit/commit';
import type { CatalogCommitter } from './catalog-committer';

export interface ReevaluationOptions {
  pool: Pool;
  committer: CatalogCommitter;
  rulesVersion: number;
  leaseTtlMs: number;
  /** Product trees in one commit. Default 50. */
  batch?: number;
}

/** Saved in the lease: all products up to and including `after` are done. */
interface Progress {
  after: HubId | null;
  done: boolean;
}

const BATCH = 50;

export class RulesReevaluation {
  constructor(private readonly options: ReevaluationOptions) {}

  get name(): string {
    return `rules:${this.options.rulesVersion}`;
  }

  /** Goes on where the last holder stopped; ends at once when all is done. */
  async run(lease: HeldLease, signal: AbortSignal): Promise<void | 'done'> {
    let progress = (lease.sourceOffset as Progress | null) ?? { after: null, done: false };
    while (!progress.done && !signal.aborted) {
      const products = await this.next(progress.after);
      if (products.length > 0) await this.options.committer.refold(products);
      progress = { after: products.at(-1) ?? progress.after, done: products.length === 0 };
      // Repeating a batch after a crash in between is harmless: what is folded already does not change again.
      if (
        !(await confirmLease(this.options.pool, lease, this.options.leaseTtlMs, { sourceOffset: progress }))
      )
        throw new LeaseLost(lease.name);
    }
    return progress.done ? 'done' : undefined;
  }

  private async next(after: HubId | null): Promise<HubId[]> {
    const { rows } = await this.options.pool.query<{ product_id: HubId }>(
      `select distinct product_id from contribution
       where $1::uuid is null or product_id > $1::uuid order by product_id limit $2`,
      [after, this.options.batch ?? BATCH],
    );
    return rows.map((row) => row.product_id);
  }
}
