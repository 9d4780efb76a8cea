import type { Answer, Json, JsonObject } from '../../http/answer';
import { NEVER_RETURNED_BY_SEARCH } from '../choices';
import type { Attribute, AttributeType, Product } from '../model';
import { ProductReading } from '../product-reading';
import type { ProductView } from '../product-view';
import { search } from '../search/engine';
import type { MatchCache, SearchField } from '../search/engine';
import type { FilterType } from '../search/operators';
import type { Tenant } from '../tenant';
import { columnsOf, customLabel, customValue, pickColumns } from './columns';
import type { Version } from './columns';

/** More matches than this cannot be ordered. */
const ORDER_LIMIT = 10_000;

/** Answers `POST /products/search` of a version. */
export function searchProducts(tenant: Tenant, version: Version, body: Json, cache: MatchCache): Answer {
  const view = tenant.store.searchable();
  const read = (row: Product): ProductReading => new ProductReading(tenant.store, view, row);
  const revision = String(tenant.store.revision);
  return search<Product>(
    body,
    {
      rows: () => cache.get('all products', revision, () => newestFirst(view)),
      id: (row) => row.id,
      field: (name) => productField(tenant, name, read),
      hasColumn: (name) => hasColumn(tenant, version, name),
      print: (row, columns) => print(version, read(row), tenant, columns),
      columnCap: tenant.choices.columnCap[version],
      orderLimit: ORDER_LIMIT,
    },
    {
      choices: tenant.choices,
      now: tenant.clock.now(),
      cache,
      name: `products ${tenant.choices.parentIdFilterable}`,
      revision,
    },
  );
}

function newestFirst(view: ProductView): Product[] {
  return [...view.all()].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
}

type Read = (row: Product) => ProductReading;
type SystemField = {
  type: FilterType;
  read(reading: ProductReading): ReturnType<SearchField<Product>['read']>;
};

/** System fields; those that filter discovery does not list are marked there, in `resources/filters.ts`. */
const SYSTEM_FIELDS: Readonly<Record<string, SystemField>> = {
  id: { type: 'IdFilter', read: ({ row }) => row.id },
  sku: { type: 'TextAttribute', read: ({ row }) => row.sku },
  gtin: { type: 'TextAttribute', read: ({ row }) => row.gtin },
  label: { type: 'TextAttribute', read: (reading) => reading.system('label') },
  status: { type: 'DropdownAttribute', read: (reading) => reading.system('status') },
  created: { type: 'DateAttribute', read: ({ row }) => row.created },
  modified: { type: 'DateAttribute', read: ({ row }) => row.modified },
  categories: { type: 'MultiSelectAttribute', read: (reading) => reading.categories().map(({ id }) => id) },
  static_lists: { type: 'MultiSelectAttribute', read: () => [] },
  assets: { type: 'MediaAttribute', read: (reading) => reading.assets().map(({ id }) => id) },
  images: { type: 'MediaAttribute', read: (reading) => reading.assets().map(({ id }) => id) },
  thumbnail: { type: 'MediaAttribute', read: (reading) => reading.system('thumbnail') },
  product_level: { type: 'IntAttribute', read: (reading) => reading.level },
  num_variations: { type: 'IntAttribute', read: (reading) => reading.variantCount },
  _is_variation: { type: 'BooleanAttribute', read: ({ row }) => row.parent_id !== null },
  _has_variations: { type: 'BooleanAttribute', read: (reading) => reading.variantCount > 0 },
};
const PARENT: SystemField = { type: 'IdFilter', read: ({ row }) => row.parent_id };

function productField(tenant: Tenant, name: string, read: Read): SearchField<Product> | undefined {
  const isParent = name === 'parent_id' || name === '_parent_id';
  const system = isParent && tenant.choices.parentIdFilterable ? PARENT : ownEntry(SYSTEM_FIELDS, name);
  if (system) return { type: system.type, read: (row) => system.read(read(row)) };
  const label = customLabel(name);
  const attribute = label === null ? undefined : tenant.store.attributeByLabel(label);
  return attribute && customField(attribute, read);
}

function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function customField(attribute: Attribute, read: Read): SearchField<Product> {
  const { label, type_class } = attribute;
  return {
    type: filterTypeOf(type_class),
    read: (row) => {
      const value = read(row).attribute(label);
      return type_class === 'DateAttribute' && typeof value === 'string'
        ? Date.parse(`${value}T00:00:00Z`)
        : value;
    },
  };
}

/** The filter type of a custom attribute. */
export function filterTypeOf(type: AttributeType): FilterType {
  switch (type) {
    case 'DropdownAttribute':
    case 'MultiSelectAttribute':
    case 'IntAttribute':
    case 'DecimalAttribute':
    case 'DateAttribute':
    case 'BooleanAttribute':
      return type;
    case 'MediaAttribute':
    case 'MediaGalleryAttribute':
      return 'MediaAttribute';
    case 'CompletenessAttribute':
      return 'DecimalAttribute';
    default:
      return 'TextAttribute';
  }
}

function hasColumn(tenant: Tenant, version: Version, name: string): boolean {
  const label = customLabel(name);
  if (label !== null) return tenant.store.attributeByLabel(label) !== undefined;
  return name !== 'attributes' && Object.hasOwn(columnsOf(version), name);
}

const DEFAULT_COLUMNS = {
  v1: ['id', 'sku', 'num_variations', '_parent_id'],
  v2: ['id', 'sku', 'num_variations', 'parent_id', 'modified_user_audit'],
} as const;

/** One row: what every row carries, and the asked columns. Empty custom attributes are left out. */
function print(
  version: Version,
  reading: ProductReading,
  tenant: Tenant,
  columns: readonly string[],
): JsonObject {
  const system = columns.filter(
    (name) => customLabel(name) === null && !NEVER_RETURNED_BY_SEARCH.includes(name),
  );
  const picked = pickColumns(version, reading, tenant, new Set([...DEFAULT_COLUMNS[version], ...system]));
  const attributes: JsonObject = {};
  for (const column of columns) {
    const attribute = tenant.store.attributeByLabel(customLabel(column) ?? '');
    const value = attribute && customValue(version, reading, attribute, tenant);
    if (attribute && value !== undefined) attributes[attribute.label] = value;
  }
  const asksCustom = columns.some((column) => customLabel(column) !== null);
  return version === 'v1' || asksCustom ? { ...picked, attributes } : picked;
}
