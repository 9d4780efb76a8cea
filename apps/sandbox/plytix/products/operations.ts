import { isJsonObject } from '../../http/answer';
import type { Json } from '../../http/answer';
import { unrecorded } from '../choices';
import { productInvalid, schemaError, variantParentNotFound } from '../errors';
import { attributeField } from '../model';
import type { Actor, Product } from '../model';
import { LEVEL, readProduct } from '../product-reading';
import { put, remove } from '../store';
import type { Change } from '../store';
import type { Tenant } from '../tenant';
import { applyFields, checkFields } from './draft';
import type { ProductFields } from './draft';

/** A parent has at most this many variants and sub-variants. */
const MAX_VARIANTS = 300;

/** Creates a product from a request body. Answers 422 and 409 by throwing. */
export function createProduct(tenant: Tenant, body: Json, actor: Actor): Product {
  const fields = checkNew(tenant, body);
  const row = newRow(tenant, fields, actor);
  tenant.store.commit([put('products', row)]);
  return row;
}

/** Creates a variant of a product, with the product's family; the parent counts as changed. */
export function createVariant(tenant: Tenant, parentId: string, body: Json, actor: Actor): Product {
  const parent = tenant.store.products.get(parentId);
  if (!parent) throw variantParentNotFound(parentId);
  const reading = readProduct(tenant.store, parent);
  if (reading.level >= LEVEL.variant) {
    throw productInvalid([{ field: 'parent_id', msg: unrecorded.variantOfVariant }]);
  }
  if (reading.variantCount >= MAX_VARIANTS) {
    throw productInvalid([{ field: 'variants', msg: unrecorded.variantLimit }]);
  }
  const fields = checkNew(tenant, body);
  const row = newRow(tenant, fields, actor, parent);
  tenant.store.commit([put('products', row), put('products', touched(tenant, parent, actor))]);
  return row;
}

/** Writes the named fields. A write that changes nothing does not move `modified` (seen live). */
export function patchProduct(tenant: Tenant, row: Product, body: Json, actor: Actor): Product {
  const fields = checkFields(tenant.store, body, row.id);
  const changed = applyFields(readProduct(tenant.store, row), fields);
  return changed === row ? row : replaceProduct(tenant, changed, actor);
}

/** Deletes for good, with all variants. The parent of a deleted variant counts as changed. */
export function deleteProduct(tenant: Tenant, row: Product, actor: Actor): void {
  const { products } = tenant.store;
  const changes: Change[] = descendants(tenant, row).map(({ id }) => remove('products', id));
  const parent = row.parent_id === null ? undefined : products.get(row.parent_id);
  if (parent) changes.push(put('products', touched(tenant, parent, actor)));
  tenant.store.commit(changes);
}

/** Stores a changed product with a new `modified`, and moves that of heirs if `choices` say so. */
export function replaceProduct(tenant: Tenant, changed: Product, actor: Actor): Product {
  const row = touched(tenant, changed, actor);
  const heirs = tenant.choices.bumpVariantsOnInheritedChange
    ? descendants(tenant, row)
        .slice(1)
        .map((heir) => put('products', touched(tenant, heir, actor)))
    : [];
  tenant.store.commit([put('products', row), ...heirs]);
  return row;
}

/** The row as written by `actor` now. Two writes within one millisecond get different times. */
export function touched(tenant: Tenant, row: Product, actor: Actor): Product {
  const now = tenant.clock.now();
  const modified = row.modified >= now && row.modified < now + 1000 ? row.modified + 1 : now;
  return { ...row, modified, modified_by: actor };
}

/** The product and all below it. */
export function descendants(tenant: Tenant, row: Product): Product[] {
  return [
    row,
    ...tenant.store.products.variantsOf(row.id).flatMap((variant) => descendants(tenant, variant)),
  ];
}

function checkNew(tenant: Tenant, body: Json): ProductFields & { sku: string } {
  if (!isJsonObject(body)) throw schemaError('_schema', unrecorded.notObject);
  const { sku, ...fields } = checkFields(tenant.store, body, null);
  if (sku === undefined) throw schemaError('sku', unrecorded.missingField);
  return { sku, ...fields };
}

function newRow(
  tenant: Tenant,
  fields: ProductFields & { sku: string },
  actor: Actor,
  parent?: Product,
): Product {
  const now = tenant.clock.now();
  const attributes: Product['attributes'] = {};
  for (const [label, value] of Object.entries(fields.attributes ?? {})) {
    if (value !== null) attributes[label] = value;
  }
  return {
    id: tenant.ids.next(now),
    sku: fields.sku,
    label: fields.label ?? null,
    gtin: fields.gtin ?? null,
    status: fields.status ?? 'Draft',
    parent_id: parent?.id ?? null,
    family_id: parent?.family_id ?? null,
    attributes,
    overwritten: parent ? givenInheritables(tenant, fields, attributes, parent) : [],
    thumbnail: fields.thumbnail ?? null,
    categories: fields.categories ?? [],
    created: now,
    created_by: actor,
    modified: now,
    modified_by: actor,
  };
}

/** What a new variant brings of its own although its family would hand it down. */
function givenInheritables(
  tenant: Tenant,
  fields: ProductFields,
  attributes: Product['attributes'],
  parent: Product,
): string[] {
  const levels = parent.family_id === null ? {} : (tenant.store.families.get(parent.family_id)?.levels ?? {});
  const given = [...Object.keys(fields), ...Object.keys(attributes).map(attributeField)];
  return given.filter((field) => levels[field] === 'parent_level');
}
