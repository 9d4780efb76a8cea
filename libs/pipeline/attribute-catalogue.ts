import type { AttributePath, EntityName } from '#contracts';

/**
 * The shape of an attribute's value. `custom` is a CustomValue, `localised` text by locale, `date` a string
 * `YYYY-MM-DD`.
 */
export type AttributeType = 'string' | 'date' | 'string_list' | 'media' | 'localised' | 'custom';

/** The maps that products and variants have beside their named fields, with the type of what is in them. */
export const ATTRIBUTE_MAPS = {
  localised: 'localised',
  custom: 'custom',
  inventory: 'custom',
  price: 'custom',
} as const satisfies Record<string, AttributeType>;

/** The named fields of the Avro records `schemas/entities/product.avsc` and `variant.avsc`. */
const NAMED: Partial<Record<EntityName, Readonly<Record<string, AttributeType>>>> = {
  product: {
    code: 'string',
    name: 'string',
    description: 'string',
    status: 'string',
    season: 'string',
    brand: 'string',
    family: 'string',
    launch_date: 'date',
    categories: 'string_list',
    collections: 'string_list',
    media: 'media',
  },
  variant: {
    product: 'string',
    sku: 'string',
    name: 'string',
    status: 'string',
    size: 'string',
    colour: 'string',
    fit: 'string',
    gtin: 'string',
    composition: 'string',
    season: 'string',
    media: 'media',
  },
};

/**
 * True for entities whose attributes are all known here, so that rules about them can be checked word by word.
 * The names of other entities' attributes are taken as they are.
 */
export function isCatalogued(entity: EntityName): boolean {
  return NAMED[entity] !== undefined;
}

/** The named attributes of a catalogued entity; none for the others. */
export function namedAttributes(entity: EntityName): readonly AttributePath[] {
  return Object.keys(NAMED[entity] ?? {});
}

/** Type of an attribute of a catalogued entity; null when the entity has no such attribute. */
export function attributeType(entity: EntityName, attribute: AttributePath): AttributeType | null {
  const named = NAMED[entity];
  if (named === undefined) return null;
  if (Object.hasOwn(named, attribute)) return named[attribute]!;
  const dot = attribute.indexOf('.');
  const map = attribute.slice(0, Math.max(dot, 0));
  const inMap = Object.hasOwn(ATTRIBUTE_MAPS, map) && dot < attribute.length - 1;
  return inMap ? ATTRIBUTE_MAPS[map as keyof typeof ATTRIBUTE_MAPS] : null;
}

/** The attributes that make a record's key. Who says that a record exists names it too, unless a rule says otherwise. */
export function keyAttributes(entity: EntityName): readonly AttributePath[] {
  if (entity === 'product') return ['code'];
  return entity === 'variant' ? ['sku', 'product'] : [];
}

/** Words to propose when a name of an attribute is not known: the named ones and the maps as groups. */
export function attributeWords(entity: EntityName): readonly string[] {
  return [...namedAttributes(entity), ...Object.keys(ATTRIBUTE_MAPS).map((map) => `${map}.*`)];
}
