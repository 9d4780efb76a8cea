import { isJsonObject } from '../../http/answer';
import type { Json } from '../../http/answer';
import { unrecorded } from '../choices';
import {
  categoryAlreadyLinked,
  categoryNotRelated,
  familiesDiffer,
  notInheritable,
  notVariantOfParent,
  productInvalid,
  rowNotFound,
  schemaError,
  unknownCategory,
} from '../errors';
import { INHERITABLE_SYSTEM_FIELDS, attributeField } from '../model';
import type { Actor, Category, Product } from '../model';
import { readProduct } from '../product-reading';
import { put } from '../store';
import type { Tenant } from '../tenant';
import { customLabel } from './columns';
import { descendants, replaceProduct, touched } from './operations';

/** `POST …/family`: assigns a family to a product and its variants; an empty id takes the family away. */
export function assignFamily(tenant: Tenant, row: Product, body: Json, actor: Actor): Product {
  const given = isJsonObject(body) ? body['product_family_id'] : undefined;
  if (given === undefined) throw schemaError('product_family_id', unrecorded.missingField);
  const familyId = given === '' || given === null ? null : given;
  if (familyId !== null && (typeof familyId !== 'string' || !tenant.store.families.has(familyId))) {
    throw rowNotFound(String(familyId));
  }
  if (row.parent_id !== null) {
    throw productInvalid([{ field: 'product_family_id', msg: unrecorded.familyOfVariant }]);
  }
  if (row.family_id === familyId) return row;
  const rows = descendants(tenant, row).map((member) =>
    touched(tenant, { ...member, family_id: familyId }, actor),
  );
  tenant.store.commit(rows.map((member) => put('products', member)));
  return rows[0]!;
}

/** `POST …/variant/{vid}`: makes a product a variant of another one. Both count as changed. */
export function linkVariant(tenant: Tenant, parent: Product, variant: Product, actor: Actor): void {
  if (variant.parent_id === parent.id) return;
  if (parent.id === variant.id || parent.parent_id !== null)
    throw variantRefused(unrecorded.variantOfVariant);
  if (tenant.store.products.variantCount(variant.id) > 0) throw variantRefused(unrecorded.parentAsVariant);
  if (variant.parent_id !== null && !tenant.choices.linkMovesVariant)
    throw variantRefused(unrecorded.variantOfOther);
  if (tenant.store.products.variantCount(parent.id) >= 300) throw variantRefused(unrecorded.variantLimit);
  if (parent.family_id !== variant.family_id) throw familiesDiffer();

  const former = variant.parent_id === null ? undefined : tenant.store.products.get(variant.parent_id);
  const linked = { ...withoutInherited(tenant, variant), parent_id: parent.id, overwritten: [] };
  tenant.store.commit([
    put('products', touched(tenant, linked, actor)),
    put('products', touched(tenant, parent, actor)),
    ...(former ? [put('products', touched(tenant, former, actor))] : []),
  ]);
}

function variantRefused(msg: string): Error {
  return productInvalid([{ field: 'variant', msg }]);
}

/** `DELETE …/variant/{vid}`: the variant becomes a product of its own. Both count as changed. */
export function unlinkVariant(tenant: Tenant, parent: Product, variant: Product, actor: Actor): void {
  if (variant.parent_id !== parent.id) throw notVariantOfParent();
  const reading = readProduct(tenant.store, variant);
  const kept: Product = { ...variant, parent_id: null, overwritten: [], attributes: reading.attributes() };
  for (const field of INHERITABLE_SYSTEM_FIELDS) Object.assign(kept, { [field]: reading.system(field) });
  tenant.store.commit([
    put('products', touched(tenant, kept, actor)),
    put('products', touched(tenant, parent, actor)),
  ]);
}

/** `POST …/variants/resync`: the named attributes of the named variants take the parent's value again. */
export function resyncVariants(tenant: Tenant, parent: Product, body: Json, actor: Actor): void {
  const labels = textList(body, 'attribute_labels');
  const ids = textList(body, 'variant_ids');
  const levels = readProduct(tenant.store, parent).family?.levels ?? {};
  const fields = labels.map((label) => {
    const plain = customLabel(label) ?? label;
    const isSystem = INHERITABLE_SYSTEM_FIELDS.some((field) => field === plain);
    const field = isSystem ? plain : attributeField(plain);
    if (levels[field] !== 'parent_level') throw notInheritable(plain);
    return field;
  });
  const variants = ids.map((id) => {
    const variant = tenant.store.products.get(id);
    if (variant?.parent_id !== parent.id) throw notVariantOfParent();
    return variant;
  });
  const changed = variants.filter(({ overwritten }) => fields.some((field) => overwritten.includes(field)));
  tenant.store.commit(
    changed.map((variant) => {
      const overwritten = variant.overwritten.filter((field) => !fields.includes(field));
      return put('products', touched(tenant, withoutInherited(tenant, { ...variant, overwritten }), actor));
    }),
  );
}

/** `POST …/categories`: links one category. */
export function linkCategory(tenant: Tenant, row: Product, body: Json, actor: Actor): Category {
  const id = isJsonObject(body) ? body['id'] : undefined;
  if (typeof id !== 'string') throw schemaError('id', unrecorded.missingField);
  const category = tenant.store.categories.get(id);
  if (!category) throw unknownCategory(id);
  const linked = readProduct(tenant.store, row).system('categories');
  if (linked.includes(id)) throw categoryAlreadyLinked(id);
  replaceProduct(tenant, withCategories(tenant, row, [...linked, id]), actor);
  return category;
}

/** `DELETE …/categories/{cid}`: takes one category away. */
export function unlinkCategory(tenant: Tenant, row: Product, categoryId: string, actor: Actor): void {
  const linked = readProduct(tenant.store, row).system('categories');
  if (!linked.includes(categoryId)) throw categoryNotRelated(categoryId, row.id);
  replaceProduct(
    tenant,
    withCategories(
      tenant,
      row,
      linked.filter((id) => id !== categoryId),
    ),
    actor,
  );
}

function withCategories(tenant: Tenant, row: Product, categories: string[]): Product {
  const overwrites = readProduct(tenant.store, row).inherits('categories');
  return {
    ...row,
    categories,
    overwritten: overwrites ? [...row.overwritten, 'categories'] : row.overwritten,
  };
}

/** The row without own values for what its family hands down and it has not overwritten. */
function withoutInherited(tenant: Tenant, row: Product): Product {
  const levels = row.family_id === null ? {} : (tenant.store.families.get(row.family_id)?.levels ?? {});
  const inherited = (field: string): boolean =>
    levels[field] === 'parent_level' && !row.overwritten.includes(field);
  const attributes = Object.fromEntries(
    Object.entries(row.attributes).filter(([label]) => !inherited(attributeField(label))),
  );
  return {
    ...row,
    attributes,
    label: inherited('label') ? null : row.label,
    thumbnail: inherited('thumbnail') ? null : row.thumbnail,
    categories: inherited('categories') ? [] : row.categories,
  };
}

function textList(body: Json, key: string): string[] {
  const list = isJsonObject(body) ? body[key] : undefined;
  if (list === undefined) throw schemaError(key, unrecorded.missingField);
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw schemaError(key, unrecorded.notList);
  }
  return list;
}
