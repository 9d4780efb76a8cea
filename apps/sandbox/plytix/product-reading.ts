import { attributeField } from './model';
import type { Asset, Category, Family, InheritableField, Product, StoredValue } from './model';
import type { ProductView } from './product-view';
import type { PlytixStore } from './store';

/** Product levels as numbers: `product_level`. */
export const LEVEL = { single: 0, parent: 1, variant: 2, subVariant: 3 } as const;
const TYPE_NAMES = ['SINGLE', 'PARENT', 'VARIANT', 'SUB-VARIANT'] as const;

/**
 * A product as a reader sees it: with inherited values in their place. A field is inherited if the product is a
 * variant, its family hands the field down, and the variant has not overwritten it.
 */
export class ProductReading {
  constructor(
    private readonly store: PlytixStore,
    private readonly view: ProductView,
    readonly row: Product,
  ) {}

  get parent(): ProductReading | null {
    const parent = this.row.parent_id === null ? undefined : this.view.get(this.row.parent_id);
    return parent ? new ProductReading(this.store, this.view, parent) : null;
  }

  get family(): Family | null {
    return this.row.family_id === null ? null : (this.store.families.get(this.row.family_id) ?? null);
  }

  get variantCount(): number {
    return this.view.variantCount(this.row.id);
  }

  get level(): number {
    if (this.row.parent_id !== null)
      return this.parent?.row.parent_id == null ? LEVEL.variant : LEVEL.subVariant;
    return this.variantCount > 0 ? LEVEL.parent : LEVEL.single;
  }

  get type(): string {
    return TYPE_NAMES[this.level]!;
  }

  /** True if the family hands this field down to this product, whether or not it is overwritten here. */
  isInheritable(field: string): boolean {
    const familyLevel = this.family?.levels[field];
    if (familyLevel === 'parent_level') return this.level >= LEVEL.variant;
    return familyLevel === 'variant_level' && this.level === LEVEL.subVariant;
  }

  /** True if the value of this field comes from the parent. */
  inherits(field: string): boolean {
    return this.isInheritable(field) && !this.row.overwritten.includes(field);
  }

  attribute(label: string): StoredValue | null {
    const parent = this.inherits(attributeField(label)) ? this.parent : null;
    return parent ? parent.attribute(label) : (this.row.attributes[label] ?? null);
  }

  /** All custom attributes that have a value, in the account's order of attributes. */
  attributes(): Record<string, StoredValue> {
    const values: Record<string, StoredValue> = {};
    for (const { label } of this.store.attributes.values()) {
      const value = this.attribute(label);
      if (value !== null) values[label] = value;
    }
    return values;
  }

  system<Field extends InheritableField>(field: Field): Product[Field] {
    const parent = this.inherits(field) ? this.parent : null;
    return parent ? parent.system(field) : this.row[field];
  }

  /** Categories that still exist, in the order in which they were linked. */
  categories(): Category[] {
    return this.system('categories').flatMap((id) => this.store.categories.get(id) ?? []);
  }

  /** Every asset that the product shows anywhere: thumbnail first, then by attribute; each once. */
  assets(): Asset[] {
    const ids = new Set<string>();
    const thumbnail = this.system('thumbnail');
    if (thumbnail !== null) ids.add(thumbnail);
    for (const { label, type_class } of this.store.attributes.values()) {
      if (type_class !== 'MediaAttribute' && type_class !== 'MediaGalleryAttribute') continue;
      const value = this.attribute(label);
      for (const id of Array.isArray(value) ? value : [value]) if (typeof id === 'string') ids.add(id);
    }
    return [...ids].flatMap((id) => this.store.assets.get(id) ?? []);
  }
}

/** A reading of the product as it truly is now. */
export function readProduct(store: PlytixStore, row: Product): ProductReading {
  return new ProductReading(store, store.products, row);
}

/** Names from the root down to the category itself. */
export function categoryPath(categories: ReadonlyMap<string, Category>, category: Category): string[] {
  const parent = category.parent_id === null ? undefined : categories.get(category.parent_id);
  return parent ? [...categoryPath(categories, parent), category.name] : [category.name];
}
