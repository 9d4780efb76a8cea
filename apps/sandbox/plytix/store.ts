import { z } from 'zod';
import { Journal } from '../kit/journal';
import { COLLECTIONS } from './model';
import type {
  Asset,
  Attribute,
  AttributeGroup,
  Category,
  CollectionName,
  Family,
  Product,
  Rows,
} from './model';
import { ProductView } from './product-view';

/** One row put, or removed with null. */
export type Change = {
  [Name in CollectionName]: { in: Name; id: string; row: Rows[Name] | null };
}[CollectionName];

export function put<Name extends CollectionName>(collection: Name, row: Rows[Name]): Change {
  return { in: collection, id: row.id, row } as Change;
}

export function remove(collection: CollectionName, id: string): Change {
  return { in: collection, id, row: null };
}

/** What the account holds besides its rows: how it was seeded. */
export interface SeedMark {
  products: number;
  seed: number;
}

const lineSchema = z.union([
  z.object({ meta: z.object({ products: z.number(), seed: z.number() }) }),
  z.object({
    changes: z.array(
      z.object({
        in: z.enum(['products', 'attributes', 'groups', 'families', 'categories', 'assets']),
        id: z.string(),
        row: z.looseObject({ id: z.string() }).nullable(),
      }),
    ),
  }),
]);

interface LateWrite {
  at: number;
  id: string;
  row: Product | null;
}

/**
 * All rows of one account, in memory, journalled if there is a directory. Everything here is synchronous: a commit is
 * journalled, applied and visible before it returns.
 */
export class PlytixStore {
  readonly products = new ProductView();
  attributes = new Map<string, Attribute>();
  groups = new Map<string, AttributeGroup>();
  families = new Map<string, Family>();
  categories = new Map<string, Category>();
  assets = new Map<string, Asset>();
  mark: SeedMark | null = null;

  /** Raised by every commit: what was computed from the rows is good for one revision. */
  revision = 0;

  private journal: Journal | null = null;
  private readonly indexed = new ProductView();
  private late: LateWrite[] = [];
  private skus = new Map<string, string>();
  private gtins = new Map<string, string>();
  private labels = new Map<string, Attribute>();

  /** `lagMs` says how late search sees a write of a product. */
  constructor(private readonly lagMs: () => number) {}

  /** Reads what a former run left in `directory` (if there is one), and journals all later commits there. */
  async open(directory: string | null): Promise<void> {
    if (directory === null) return;
    this.journal = await Journal.open(
      directory,
      'plytix',
      (line) => this.replay(line),
      () => this.lines(),
    );
  }

  /** Replaces everything. */
  fill(mark: SeedMark, rows: readonly Change[]): void {
    this.clear();
    this.mark = mark;
    for (const change of rows) this.apply(change);
    this.settleIndex();
    this.revision += 1;
    this.journal?.rewrite(this.lines());
  }

  /** All or nothing: the changes are one line of the journal, which a kill keeps or drops as a whole. */
  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.journal?.append({ changes });
    for (const change of changes) this.apply(change);
    this.revision += 1;
  }

  close(): void {
    this.journal?.close();
    this.journal = null;
  }

  /** The products as search sees them now. */
  searchable(): ProductView {
    const visible = Date.now() - this.lagMs();
    while (this.late[0] && this.late[0].at <= visible) {
      const write = this.late.shift()!;
      this.indexed.apply(write.id, write.row);
      this.revision += 1;
    }
    return this.indexed;
  }

  productIdBySku(sku: string): string | undefined {
    return this.skus.get(sku);
  }

  productIdByGtin(gtin: string): string | undefined {
    return this.gtins.get(gtin);
  }

  attributeByLabel(label: string): Attribute | undefined {
    return this.labels.get(label);
  }

  private apply(change: Change): void {
    if (change.in === 'products') return this.applyProduct(change.id, change.row);
    if (change.in === 'attributes') this.labels.delete(this.attributes.get(change.id)?.label ?? '');
    const rows = this[change.in] as Map<string, Rows[typeof change.in]>;
    if (change.row === null) rows.delete(change.id);
    else rows.set(change.id, change.row);
    if (change.in === 'attributes' && change.row) this.labels.set(change.row.label, change.row);
  }

  private applyProduct(id: string, row: Product | null): void {
    const before = this.products.get(id);
    if (before && this.skus.get(before.sku) === id) this.skus.delete(before.sku);
    if (before?.gtin != null && this.gtins.get(before.gtin) === id) this.gtins.delete(before.gtin);
    this.products.apply(id, row);
    if (row) this.skus.set(row.sku, id);
    if (row?.gtin != null) this.gtins.set(row.gtin, id);
    this.late.push({ at: Date.now(), id, row });
  }

  private replay(line: unknown): void {
    const decoded = lineSchema.parse(line);
    if ('meta' in decoded) this.mark = decoded.meta;
    else for (const change of decoded.changes) this.apply(change as unknown as Change);
    this.settleIndex();
  }

  private settleIndex(): void {
    for (const write of this.late) this.indexed.apply(write.id, write.row);
    this.late = [];
  }

  private clear(): void {
    this.products.clear();
    this.indexed.clear();
    for (const collection of COLLECTIONS) if (collection !== 'products') this[collection].clear();
    for (const index of [this.skus, this.gtins, this.labels]) index.clear();
    this.late = [];
  }

  private *lines(): Iterable<unknown> {
    if (this.mark) yield { meta: this.mark };
    for (const collection of COLLECTIONS) {
      const rows = collection === 'products' ? this.products.all() : this[collection].values();
      for (const row of rows) yield { changes: [{ in: collection, id: row.id, row }] };
    }
  }
}
