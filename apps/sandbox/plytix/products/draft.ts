import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../http/answer';
import type { Json, JsonObject } from '../../http/answer';
import { unrecorded } from '../choices';
import { duplicateSku, productInvalid, schemaError, unknownCategory } from '../errors';
import type { FieldError } from '../errors';
import { INHERITABLE_SYSTEM_FIELDS, STATUSES, attributeField } from '../model';
import type { Product, Status } from '../model';
import type { ProductReading } from '../product-reading';
import type { PlytixStore } from '../store';
import { checkValue, isGtin } from './values';

/** The fields of a product that a client may write. Only what is present is written. */
export interface ProductFields {
  sku?: string;
  label?: string | null;
  gtin?: string | null;
  status?: Status;
  thumbnail?: string | null;
  categories?: string[];
  attributes?: Product['attributes'] | Record<string, Product['attributes'][string] | null>;
}

/**
 * Checks a create or patch body against the account. Unknown and read-only keys are ignored (`product_family` too),
 * all wrong fields are reported at once. `id` is the product's own, null for one that is being created.
 */
export function checkFields(store: PlytixStore, body: Json, id: string | null): ProductFields {
  if (!isJsonObject(body)) throw schemaError('_schema', unrecorded.notObject);
  const errors: FieldError[] = [];
  const fields: ProductFields = {};
  const read = <T>(field: keyof ProductFields, check: (value: Json) => T): T | undefined => {
    const value = body[field];
    if (value === undefined) return undefined;
    try {
      return check(value);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      errors.push({ field, msg: error.message });
      return undefined;
    }
  };
  assign(fields, 'sku', read('sku', checkSku));
  assign(fields, 'label', read('label', checkLabel));
  assign(fields, 'gtin', read('gtin', checkGtin));
  assign(fields, 'status', read('status', checkStatus));
  assign(fields, 'thumbnail', readThumbnail(store, body['thumbnail']));
  assign(fields, 'categories', readCategories(store, body['categories']));
  assign(fields, 'attributes', readAttributes(store, body['attributes'], errors));
  if (errors.length > 0) throw productInvalid(errors);
  checkUnique(store, fields, id);
  return fields;
}

/** The product's row with the fields written, and with what they overwrite in it marked; the same row if nothing changes. */
export function applyFields(reading: ProductReading, fields: ProductFields): Product {
  const { row } = reading;
  const next: Product = { ...row, attributes: { ...row.attributes }, overwritten: [...row.overwritten] };
  if (fields.sku !== undefined) next.sku = fields.sku;
  if (fields.gtin !== undefined) next.gtin = fields.gtin;
  for (const field of INHERITABLE_SYSTEM_FIELDS) {
    const value = fields[field];
    if (value === undefined || isDeepStrictEqual(value, reading.system(field))) continue;
    Object.assign(next, { [field]: value });
    markOverwritten(reading, next, field);
  }
  for (const [label, value] of Object.entries(fields.attributes ?? {})) {
    if (isDeepStrictEqual(value, reading.attribute(label))) continue;
    if (value === null) delete next.attributes[label];
    else next.attributes[label] = value;
    markOverwritten(reading, next, attributeField(label));
  }
  return isDeepStrictEqual(next, row) ? row : next;
}

function markOverwritten(reading: ProductReading, next: Product, field: string): void {
  if (reading.inherits(field)) next.overwritten.push(field);
}

class Refusal extends Error {}

function assign<Field extends keyof ProductFields>(
  fields: ProductFields,
  field: Field,
  value: ProductFields[Field] | undefined,
): void {
  if (value !== undefined) fields[field] = value;
}

function checkSku(value: Json): string {
  if (typeof value !== 'string') throw new Refusal(unrecorded.notString);
  if (value.trim() === '' || [...value].length > 100) throw new Refusal(unrecorded.skuLength);
  return value;
}

function checkLabel(value: Json): string | null {
  if (value === null || value === '') return null;
  if (typeof value !== 'string') throw new Refusal(unrecorded.notString);
  return value;
}

function checkGtin(value: Json): string | null {
  if (value === null || value === '') return null;
  if (typeof value !== 'string' || !isGtin(value)) throw new Refusal(unrecorded.badGtin);
  return value;
}

function checkStatus(value: Json): Status {
  const status = STATUSES.find((known) => known === value);
  if (!status) throw new Refusal(`Value is not valid, valid values are [${STATUSES.join(', ')}]`);
  return status;
}

/** A bare id is a schema error (seen live); it has to be `{"id"}`. */
function readThumbnail(store: PlytixStore, value: Json | undefined): string | null | undefined {
  if (value === undefined || value === null) return value;
  const id = isJsonObject(value) ? value['id'] : undefined;
  if (typeof id !== 'string') throw schemaError('thumbnail', unrecorded.notMedia);
  if (!store.assets.has(id))
    throw productInvalid([{ field: 'thumbnail', msg: `Asset id ${id} does not exist` }]);
  return id;
}

function readCategories(store: PlytixStore, value: Json | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  if (value === null) return [];
  if (!Array.isArray(value)) throw schemaError('categories', unrecorded.notList);
  const ids = value.map((item) => {
    const id = isJsonObject(item) ? item['id'] : undefined;
    if (typeof id !== 'string') throw schemaError('categories', unrecorded.notObject);
    if (!store.categories.has(id)) throw unknownCategory(id);
    return id;
  });
  return [...new Set(ids)];
}

function readAttributes(
  store: PlytixStore,
  value: Json | undefined,
  errors: FieldError[],
): ProductFields['attributes'] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw schemaError('attributes', unrecorded.notObject);
  const checked: NonNullable<ProductFields['attributes']> = {};
  for (const [label, raw] of Object.entries(value as JsonObject)) {
    const attribute = store.attributeByLabel(label);
    if (!attribute) {
      errors.push({ field: label, msg: 'label does not exist' });
      continue;
    }
    const result = checkValue(store, attribute, raw ?? null);
    if (result.ok) checked[label] = result.value;
    else errors.push({ field: label, msg: result.msg });
  }
  return checked;
}

/** SKUs are unique with case and white space: `ABC-1`, `abc-1` and `ABC-1 ` are three SKUs. */
function checkUnique(store: PlytixStore, fields: ProductFields, id: string | null): void {
  const bySku = fields.sku === undefined ? undefined : store.productIdBySku(fields.sku);
  if (bySku !== undefined && bySku !== id) throw duplicateSku();
  const byGtin = fields.gtin == null ? undefined : store.productIdByGtin(fields.gtin);
  if (byGtin !== undefined && byGtin !== id) {
    throw productInvalid([{ field: 'gtin', msg: unrecorded.duplicateGtin }]);
  }
}
