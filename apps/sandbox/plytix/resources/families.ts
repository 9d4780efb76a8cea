import { empty, isJsonObject, json } from '../../http/answer';
import type { Answer, Json, JsonObject } from '../../http/answer';
import { param } from '../api';
import type { ApiCall, ApiRoute } from '../api';
import { unrecorded } from '../choices';
import { ApiError, attributeNotFound, rowNotFound, schemaError } from '../errors';
import { FAMILY_LEVELS, INHERITABLE_SYSTEM_FIELDS, attributeField } from '../model';
import type { Attribute, Family, FamilyLevel } from '../model';
import { descendants } from '../products/operations';
import { customLabel } from '../products/columns';
import { put, remove } from '../store';
import type { PlytixStore } from '../store';
import { v1Time } from '../times';
import { objectBody, requiredText } from './body';
import { one, searchSmall } from './paging';

const BASE = '/api/v1/product_families';

/** Families: which attributes a product has, and which of them its variants inherit. */
export function familyRoutes(): ApiRoute[] {
  return [
    { method: 'POST', path: BASE, handle: createFamily },
    { method: 'POST', path: `${BASE}/search`, handle: searchFamilies },
    {
      method: 'GET',
      path: `${BASE}/{id}`,
      handle: (call) => one(200, shape(call.tenant.store, family(call))),
    },
    { method: 'PATCH', path: `${BASE}/{id}`, handle: renameFamily },
    { method: 'DELETE', path: `${BASE}/{id}`, handle: deleteFamily },
    { method: 'GET', path: `${BASE}/{id}/attributes`, handle: listAttributes },
    { method: 'GET', path: `${BASE}/{id}/all_attributes`, handle: listAllAttributes },
    { method: 'POST', path: `${BASE}/{id}/attributes/link`, handle: linkAttributes },
    { method: 'POST', path: `${BASE}/{id}/attributes/unlink`, handle: unlinkAttributes },
  ];
}

function shape(store: PlytixStore, row: Family): JsonObject {
  const products = [...store.products.all()].filter((product) => product.family_id === row.id);
  return {
    id: row.id,
    name: row.name,
    created: v1Time(row.created),
    created_at: v1Time(row.created),
    modified: v1Time(row.modified),
    total_attributes: customLabels(row).length,
    total_models: 1,
    total_products: products.length,
  };
}

function searchFamilies(call: ApiCall): Answer {
  return searchSmall<Family>(call, {
    name: 'families',
    rows: [...call.tenant.store.families.values()],
    id: (row) => row.id,
    fields: {
      id: { type: 'IdFilter', read: (row) => row.id },
      name: { type: 'TextAttribute', read: (row) => row.name },
      created: { type: 'DateAttribute', read: (row) => row.created },
      modified: { type: 'DateAttribute', read: (row) => row.modified },
    },
    columns: ['id', 'name', 'created', 'modified', 'total_attributes', 'total_models', 'total_products'],
    print: (row) => shape(call.tenant.store, row),
    always: ['id'],
    byDefault: ['name', 'created', 'modified', 'total_attributes', 'total_models', 'total_products'],
  });
}

function createFamily(call: ApiCall): Answer {
  const { tenant } = call;
  const body = objectBody(call.body);
  const now = tenant.clock.now();
  const levels = {
    ...levelsOf(call, body['attributes'], 'no_level'),
    ...levelsOf(call, body['parent_attributes'], 'parent_level'),
    ...levelsOf(call, body['variant_attributes'], 'variant_level'),
  };
  const row: Family = {
    id: tenant.ids.next(now),
    name: requiredText(body, 'name'),
    model_id: tenant.ids.next(now),
    levels,
    created: now,
    modified: now,
  };
  tenant.store.commit([put('families', row)]);
  return one(201, shape(tenant.store, row));
}

function renameFamily(call: ApiCall): Answer {
  const row = { ...family(call), name: requiredText(objectBody(call.body), 'name') };
  row.modified = call.tenant.clock.now();
  call.tenant.store.commit([put('families', row)]);
  return one(200, shape(call.tenant.store, row));
}

/** Its products have no family afterwards. */
function deleteFamily(call: ApiCall): Answer {
  const { store } = call.tenant;
  const row = family(call);
  const members = [...store.products.all()].filter((product) => product.family_id === row.id);
  store.commit([
    remove('families', row.id),
    ...members.map((product) => put('products', { ...product, family_id: null, overwritten: [] })),
  ]);
  return empty(202);
}

function listAttributes(call: ApiCall): Answer {
  const row = family(call);
  const attributes = customLabels(row).flatMap((label) => call.tenant.store.attributeByLabel(label) ?? []);
  return json(200, { data: attributes.map((attribute) => member(row, attribute)) });
}

function listAllAttributes(call: ApiCall): Answer {
  const row = family(call);
  const system = INHERITABLE_SYSTEM_FIELDS.map((field) => ({
    id: field,
    label: field,
    name: field,
    attribute_level: row.levels[field] ?? 'no_level',
  }));
  const custom = customLabels(row).flatMap((label) => call.tenant.store.attributeByLabel(label) ?? []);
  return json(200, { data: [...system, ...custom.map((attribute) => member(row, attribute))] });
}

/** Answered with 202: it takes effect a little later. */
function linkAttributes(call: ApiCall): Answer {
  const { id } = family(call);
  const body = objectBody(call.body);
  const level = FAMILY_LEVELS.find((known) => known === (body['attributes_level'] ?? 'no_level'));
  if (!level)
    throw schemaError(
      'attributes_level',
      `Value is not valid, valid values are [${FAMILY_LEVELS.join(', ')}]`,
    );
  const added = levelsOf(call, body['attributes'], level);
  changeLater(call, id, (levels) => ({ ...levels, ...added }));
  return empty(202);
}

function unlinkAttributes(call: ApiCall): Answer {
  const { id } = family(call);
  const gone = new Set(Object.keys(levelsOf(call, objectBody(call.body)['attributes'], 'no_level')));
  changeLater(call, id, (levels) => {
    return Object.fromEntries(Object.entries(levels).filter(([field]) => !gone.has(field)));
  });
  return empty(202);
}

function changeLater(
  call: ApiCall,
  id: string,
  change: (levels: Family['levels']) => Family['levels'],
): void {
  const { tenant } = call;
  tenant.later(() => {
    const row = tenant.store.families.get(id);
    if (!row) return;
    const next = { ...row, levels: change(row.levels), modified: tenant.clock.now() };
    const heirs = [...tenant.store.products.all()].filter(
      (product) => product.family_id === id && product.parent_id === null,
    );
    const cleaned = heirs
      .flatMap((parent) => descendants(tenant, parent).slice(1))
      .map((variant) => {
        const overwritten = variant.overwritten.filter((field) => field in next.levels);
        return put('products', { ...variant, overwritten });
      });
    tenant.store.commit([put('families', next), ...cleaned]);
  });
}

/** Attributes are named by id, or as `{id, label}`. */
function levelsOf(call: ApiCall, list: Json | undefined, level: FamilyLevel): Record<string, FamilyLevel> {
  if (list === undefined || list === null) return {};
  if (!Array.isArray(list)) throw schemaError('attributes', unrecorded.notList);
  if (level !== 'no_level' && list.length > 0 && !call.tenant.choices.automaticInheritance) {
    throw new ApiError(403, unrecorded.inheritanceUnavailable);
  }
  return Object.fromEntries(
    list.map((item) => {
      const id = isJsonObject(item) ? item['id'] : item;
      const attribute = typeof id === 'string' ? call.tenant.store.attributes.get(id) : undefined;
      if (!attribute) throw attributeNotFound(String(id));
      return [attributeField(attribute.label), level];
    }),
  );
}

function family(call: ApiCall): Family {
  const id = param(call, 'id');
  const row = call.tenant.store.families.get(id);
  if (!row) throw rowNotFound(id);
  return row;
}

function customLabels(row: Family): string[] {
  return Object.keys(row.levels).flatMap((field) => customLabel(field) ?? []);
}

function member(row: Family, attribute: Attribute): JsonObject {
  return {
    id: attribute.id,
    label: attribute.label,
    name: attribute.name,
    attribute_level: row.levels[attributeField(attribute.label)] ?? 'no_level',
  };
}
