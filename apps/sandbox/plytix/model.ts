/** What the sandbox stores. Rows are never changed in place: a write puts a new row. Times are milliseconds since the epoch. */

export const ATTRIBUTE_TYPES = [
  'TextAttribute',
  'MultilineAttribute',
  'HtmlAttribute',
  'IntAttribute',
  'DecimalAttribute',
  'DropdownAttribute',
  'MultiSelectAttribute',
  'DateAttribute',
  'UrlAttribute',
  'BooleanAttribute',
  'MediaAttribute',
  'MediaGalleryAttribute',
  'CompletenessAttribute',
] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

export const STATUSES = ['Draft', 'Completed', 'Archived'] as const;
export type Status = (typeof STATUSES)[number];

/** Custom value as stored: media as asset id or list of asset ids, dates as `YYYY-MM-DD`. Empty values are not stored. */
export type StoredValue = string | number | boolean | string[];

/** Who wrote: a key of the API, a person in the user interface, or Plytix itself. */
export interface Actor {
  type: 'API' | 'USER' | 'SYSTEM';
  user_id: string;
}

export interface Product {
  id: string;
  sku: string;
  label: string | null;
  gtin: string | null;
  status: Status;
  parent_id: string | null;
  family_id: string | null;
  attributes: Record<string, StoredValue>;
  /** Variants: inheritable fields with a value of their own; custom ones as `attributes.<label>`. */
  overwritten: string[];
  thumbnail: string | null;
  categories: string[];
  created: number;
  created_by: Actor;
  modified: number;
  modified_by: Actor;
}

export interface Attribute {
  id: string;
  label: string;
  name: string;
  type_class: AttributeType;
  description: string | null;
  options: string[];
  manual_sorting: boolean;
  sort_ascending: boolean;
  created: number;
}

export interface AttributeGroup {
  id: string;
  name: string;
  order: number;
  attribute_labels: string[];
}

export const FAMILY_LEVELS = ['no_level', 'parent_level', 'variant_level'] as const;
export type FamilyLevel = (typeof FAMILY_LEVELS)[number];

/** System fields that a family can hand down. */
export const INHERITABLE_SYSTEM_FIELDS = ['label', 'thumbnail', 'status', 'categories'] as const;
export type InheritableField = (typeof INHERITABLE_SYSTEM_FIELDS)[number];

export interface Family {
  id: string;
  name: string;
  model_id: string;
  /** Level of each field of the family: system fields by name, custom ones as `attributes.<label>`. */
  levels: Record<string, FamilyLevel>;
  created: number;
  modified: number;
}

export interface Category {
  id: string;
  name: string;
  parent_id: string | null;
  /** Place among its siblings, from 0. */
  position: number;
  created: number;
  modified: number;
}

export interface Asset {
  id: string;
  filename: string;
  /** Colour of the generated picture, 0xRRGGBB. */
  rgb: number;
  file_size: number;
  created: number;
  created_by: Actor;
  modified: number;
  modified_by: Actor;
}

/** Names of the stored collections, with their row types. */
export interface Rows {
  products: Product;
  attributes: Attribute;
  groups: AttributeGroup;
  families: Family;
  categories: Category;
  assets: Asset;
}
export type CollectionName = keyof Rows;
export const COLLECTIONS: readonly CollectionName[] = [
  'attributes',
  'groups',
  'families',
  'categories',
  'assets',
  'products',
];

/** The product's field for a custom attribute, as families, columns and filters write it. */
export function attributeField(label: string): string {
  return `attributes.${label}`;
}
