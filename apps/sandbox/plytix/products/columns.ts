import type { Json, JsonObject } from '../../http/answer';
import { attributeField } from '../model';
import type { Asset, Attribute, Category, StoredValue } from '../model';
import { categoryPath } from '../product-reading';
import type { ProductReading } from '../product-reading';
import { audit } from '../tenant';
import type { Tenant } from '../tenant';
import { v1Time, v2Time } from '../times';
import { assetUrl } from '../resources/asset-shape';

export type Version = 'v1' | 'v2';
type Column = (reading: ProductReading, tenant: Tenant) => Json | undefined;
/** The fields of a product in one version of the API, in the order in which they are printed. */
export type Columns = Readonly<Record<string, Column>>;

const shared = {
  id: ({ row }) => row.id,
  sku: ({ row }) => row.sku,
  label: (reading) => reading.system('label'),
  gtin: ({ row }) => row.gtin,
  status: (reading) => reading.system('status'),
  num_variations: (reading) => reading.variantCount,
  overwritten_attributes: ({ row }) => [...row.overwritten],
  product_family_id: ({ row }) => row.family_id,
  product_family_model_id: (reading) => reading.family?.model_id ?? null,
  product_type: (reading) => reading.type,
  created_user_audit: ({ row }) => audit(row.created_by),
  modified_user_audit: ({ row }) => audit(row.modified_by),
  relationships: () => [],
} satisfies Columns;

/** v1: linked records are written out, times carry their offset, the parent is `_parent_id`. */
export const v1Columns: Columns = {
  ...shared,
  created: ({ row }) => v1Time(row.created),
  modified: ({ row }) => v1Time(row.modified),
  _parent_id: ({ row }) => row.parent_id ?? undefined,
  thumbnail: (reading, tenant) => assetOrNull(tenant, reading.system('thumbnail'), 'thumbnail'),
  assets: (reading, tenant) => reading.assets().map((asset) => v1Asset(tenant, asset, 'thumbnail')),
  categories: (reading, tenant) => reading.categories().map((category) => productCategory(tenant, category)),
  attributes: (reading, tenant) => customValues('v1', reading, tenant),
};

/** v2: linked records are ids, times are naive, the parent is `parent_id`. */
export const v2Columns: Columns = {
  ...shared,
  account_id: (_, tenant) => tenant.account.id,
  created: ({ row }) => v2Time(row.created),
  modified: ({ row }) => v2Time(row.modified),
  parent_id: ({ row }) => row.parent_id ?? undefined,
  product_level: (reading) => reading.level,
  thumbnail: (reading) => idStub(reading.system('thumbnail')),
  assets: (reading) => reading.assets().map(({ id }) => ({ id })),
  categories: (reading) => reading.categories().map(({ id }) => ({ id })),
  static_list_ids: () => [],
  mark_as_deleted: () => false,
  attributes: (reading, tenant) => customValues('v2', reading, tenant),
};

export function columnsOf(version: Version): Columns {
  return version === 'v1' ? v1Columns : v2Columns;
}

/** The whole product. `allAttributes` prints empty custom attributes as null (v1 only). */
export function wholeProduct(
  version: Version,
  reading: ProductReading,
  tenant: Tenant,
  allAttributes = false,
): JsonObject {
  const product = pickColumns(version, reading, tenant, Object.keys(columnsOf(version)));
  if (!allAttributes) return product;
  const nulls = Object.fromEntries([...tenant.store.attributes.values()].map(({ label }) => [label, null]));
  return { ...product, attributes: { ...nulls, ...(product['attributes'] as JsonObject) } };
}

/** The named system columns, without those that this product does not have. */
export function pickColumns(
  version: Version,
  reading: ProductReading,
  tenant: Tenant,
  names: Iterable<string>,
): JsonObject {
  const columns = columnsOf(version);
  const picked: JsonObject = {};
  for (const name of names) {
    const value = columns[name]?.(reading, tenant);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** What v2 answers to a write. */
export function auditStub(reading: ProductReading, tenant: Tenant): JsonObject {
  const names = ['id', 'created', 'modified', 'created_user_audit', 'modified_user_audit'];
  return pickColumns('v2', reading, tenant, names);
}

/** A custom attribute as this version prints it; undefined if the product has no value for it. */
export function customValue(
  version: Version,
  reading: ProductReading,
  attribute: Attribute,
  tenant: Tenant,
): Json | undefined {
  const value = reading.attribute(attribute.label);
  return value === null ? undefined : printed(version, attribute, value, tenant);
}

/** A linked category, as v1 products and the category routes of products print it. */
export function productCategory(tenant: Tenant, category: Category): JsonObject {
  const { id, name } = category;
  return { id, name, path: categoryPath(tenant.store.categories, category) };
}

/** True if the column is a custom attribute's: `attributes.<label>`. */
export function customLabel(column: string): string | null {
  const prefix = attributeField('');
  return column.startsWith(prefix) ? column.slice(prefix.length) : null;
}

function customValues(version: Version, reading: ProductReading, tenant: Tenant): JsonObject {
  const values: JsonObject = {};
  for (const attribute of tenant.store.attributes.values()) {
    const value = customValue(version, reading, attribute, tenant);
    if (value !== undefined) values[attribute.label] = value;
  }
  return values;
}

function printed(version: Version, attribute: Attribute, value: StoredValue, tenant: Tenant): Json {
  switch (attribute.type_class) {
    case 'DateAttribute':
      return tenant.choices.dateAttributes[version] === 'midnight' ? `${String(value)}T00:00:00` : value;
    case 'MediaAttribute':
      // v2 prints a single medium as a list, too (recorded).
      return version === 'v2' ? [String(value)] : assetOrNull(tenant, String(value), 'thumb');
    case 'MediaGalleryAttribute': {
      const ids = Array.isArray(value) ? value : [String(value)];
      return version === 'v2' ? ids : ids.map((id) => assetOrNull(tenant, id, 'thumb'));
    }
    default:
      return value;
  }
}

function idStub(id: string | null): Json {
  return id === null ? null : { id };
}

function assetOrNull(tenant: Tenant, id: string | null, thumbKey: 'thumbnail' | 'thumb'): Json {
  const asset = id === null ? undefined : tenant.store.assets.get(id);
  return asset ? v1Asset(tenant, asset, thumbKey) : null;
}

/** Media attributes call the small picture `thumb`, everything else `thumbnail` (documented example). */
function v1Asset(tenant: Tenant, asset: Asset, thumbKey: 'thumbnail' | 'thumb'): JsonObject {
  return {
    id: asset.id,
    filename: asset.filename,
    [thumbKey]: assetUrl(tenant, asset, 'thumb'),
    url: assetUrl(tenant, asset, 'file'),
  };
}
