import { EncodeError, describe } from './errors';
import type { AttributePath, Attributes, EntityName, RecordKey } from './types';

/** The attributes that make the business key of a record, in the order of the Kafka key's fields. */
export const KEY_ATTRIBUTES = {
  product: ['code'],
  variant: ['product', 'sku'],
  asset: ['asset_id'],
  inventory: ['sku', 'location'],
  collection: ['code'],
  category: ['system', 'path'],
  attribute: ['system', 'name'],
} as const satisfies Record<EntityName, readonly AttributePath[]>;

/**
 * The business key of a record with these attributes. Throws an EncodeError when a part is missing, empty or
 * not text, for a record without a key has no place in a topic.
 */
export function recordKey(entity: EntityName, attributes: Attributes): RecordKey {
  const key: Record<string, string> = {};
  for (const attribute of KEY_ATTRIBUTES[entity]) {
    const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : null;
    if (typeof value !== 'string' || value === '') {
      throw new EncodeError(entity, attribute, `the key needs a text here, not ${describe(value)}`);
    }
    key[attribute] = value;
  }
  return key;
}

/** True when two keys of one entity are the same. */
export function sameKey(a: RecordKey, b: RecordKey): boolean {
  const fields = Object.keys(a);
  return fields.length === Object.keys(b).length && fields.every((field) => a[field] === b[field]);
}

/** The attribute that identity is looked up by: a product's code, a variant's SKU. */
export function codeAttribute(entity: 'product' | 'variant'): AttributePath {
  return entity === 'product' ? 'code' : 'sku';
}

/**
 * The form in which codes and SKUs are compared: two are one when they differ by case or white space only. The
 * ends are trimmed, a run of white space is one space, case is folded by way of upper case (so that `ß` and
 * `SS`, or the two small sigmas, meet), and canonically equal Unicode texts are equal (NFC). Compatibility forms
 * are not merged: `10²` is not `102`. Blank text gives '', which is no code.
 */
export function normaliseCode(raw: string): string {
  const folded = raw.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return folded.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
}
