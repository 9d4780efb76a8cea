import type { Product } from './model';

/** Products by id, with the variants of each. One view is the truth; a second, later one is what search sees. */
export class ProductView {
  private readonly rows = new Map<string, Product>();
  private readonly variants = new Map<string, Set<string>>();

  get(id: string): Product | undefined {
    return this.rows.get(id);
  }

  get size(): number {
    return this.rows.size;
  }

  all(): IterableIterator<Product> {
    return this.rows.values();
  }

  variantCount(id: string): number {
    return this.variants.get(id)?.size ?? 0;
  }

  /** Direct variants, oldest link first. */
  variantsOf(id: string): Product[] {
    return [...(this.variants.get(id) ?? [])].flatMap((variantId) => this.rows.get(variantId) ?? []);
  }

  /** Puts a row, or removes it with null. */
  apply(id: string, row: Product | null): void {
    const parentBefore = this.rows.get(id)?.parent_id ?? null;
    const parentAfter = row?.parent_id ?? null;
    if (row) this.rows.set(id, row);
    else this.rows.delete(id);
    if (parentBefore === parentAfter) return;
    if (parentBefore !== null) this.detach(parentBefore, id);
    if (parentAfter !== null) {
      const siblings = this.variants.get(parentAfter) ?? new Set();
      this.variants.set(parentAfter, siblings.add(id));
    }
  }

  clear(): void {
    this.rows.clear();
    this.variants.clear();
  }

  private detach(parentId: string, id: string): void {
    const siblings = this.variants.get(parentId);
    siblings?.delete(id);
    if (siblings?.size === 0) this.variants.delete(parentId);
  }
}
