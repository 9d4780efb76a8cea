import type { AttributePath, EntityName } from '#contracts';

/** The entities that have a table in the mart, in the order in which a transaction writes them. */
export const MART_ENTITIES = ['product', 'variant'] as const satisfies readonly EntityName[];
export type MartEntity = (typeof MART_ENTITIES)[number];

/** How a value is checked and laid out before it is sent. */
export type ColumnType = 'text' | 'date' | 'text[]' | 'media';

/** A named attribute with a column of its own, of the same name unless `column` says otherwise. */
export interface AttributeColumn {
  attribute: AttributePath;
  column: string;
  type: ColumnType;
  /** What a delete leaves in the row, so that people can read which record it was. */
  keptOnDelete?: true;
}

/** The maps of attributes that end up in one `jsonb` column each: attribute → value. */
export const MAP_COLUMNS = ['localised', 'custom', 'inventory', 'price'] as const;
export type MapColumn = (typeof MAP_COLUMNS)[number];

/** Attributes that this release knows no column for, by their full path: nothing that arrives is dropped. */
export const REST_COLUMN = 'rest';

const text = (attribute: AttributePath): AttributeColumn => ({ attribute, column: attribute, type: 'text' });
const list = (attribute: AttributePath): AttributeColumn => ({
  attribute,
  column: attribute,
  type: 'text[]',
});
const key = (attribute: AttributePath, column = attribute): AttributeColumn => ({
  attribute,
  column,
  type: 'text',
  keptOnDelete: true,
});
const media: AttributeColumn = { attribute: 'media', column: 'media', type: 'media' };

/** Which attributes have columns. The tables themselves are made by `postgres.migrations.ts`. */
export const ATTRIBUTE_COLUMNS: Readonly<Record<MartEntity, readonly AttributeColumn[]>> = {
  product: [
    key('code'),
    text('name'),
    text('description'),
    text('status'),
    text('season'),
    text('brand'),
    text('family'),
    { attribute: 'launch_date', column: 'launch_date', type: 'date' },
    list('categories'),
    list('collections'),
    media,
  ],
  variant: [
    key('product', 'product_code'),
    key('sku'),
    text('name'),
    text('status'),
    text('size'),
    text('colour'),
    text('fit'),
    text('gtin'),
    text('composition'),
    text('season'),
    media,
  ],
};

/** True for entities that the mart has a table for. */
export function isMartEntity(entity: EntityName): entity is MartEntity {
  return (MART_ENTITIES as readonly EntityName[]).includes(entity);
}

/** A name as PostgreSQL reads it back unchanged. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
