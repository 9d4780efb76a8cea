import { empty } from '../../http/answer';
import type { Answer, JsonObject } from '../../http/answer';
import { param } from '../api';
import type { ApiCall, ApiRoute } from '../api';
import { attributeNotFound, duplicateAttribute, schemaError } from '../errors';
import { ATTRIBUTE_TYPES, attributeField } from '../model';
import type { Attribute, AttributeGroup } from '../model';
import { filterTypeOf } from '../products/search';
import { put, remove } from '../store';
import type { Change, PlytixStore } from '../store';
import { objectBody, optionalBoolean, optionalText, optionalTexts, requiredText } from './body';
import { one, searchSmall } from './paging';

const BASE = '/api/v1/attributes/product';

/** Definitions of product attributes. */
export function attributeRoutes(): ApiRoute[] {
  return [
    { method: 'POST', path: BASE, handle: createAttribute },
    { method: 'POST', path: `${BASE}/search`, handle: searchAttributes },
    { method: 'GET', path: `${BASE}/{id}`, handle: (call) => one(200, shape(call, attribute(call))) },
    { method: 'PATCH', path: `${BASE}/{id}`, handle: patchAttribute },
    { method: 'DELETE', path: `${BASE}/{id}`, handle: deleteAttribute },
  ];
}

/**
 * The label that Plytix makes of a name. The rule is pinned by a client's test: lower case, and each of
 * space, `-`, `.` and `:` becomes `_`.
 */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[ \-.:]/g, '_');
}

function shape(call: ApiCall, row: Attribute): JsonObject {
  const { id, label, name, type_class, options, manual_sorting, sort_ascending, description } = row;
  const hasOptions = type_class === 'DropdownAttribute' || type_class === 'MultiSelectAttribute';
  return {
    id,
    label,
    name,
    description,
    type_class,
    filter_type: filterTypeOf(type_class),
    groups: groupsOf(call.tenant.store, label).map((group) => ({ id: group.id, name: group.name })),
    ...(hasOptions ? { options: [...options], manual_sorting, sort_ascending } : {}),
    ...(type_class === 'CompletenessAttribute' ? { attributes: [] } : {}),
  };
}

function groupsOf(store: PlytixStore, label: string): AttributeGroup[] {
  return [...store.groups.values()].filter((group) => group.attribute_labels.includes(label));
}

function attribute(call: ApiCall): Attribute {
  const id = param(call, 'id');
  const row = call.tenant.store.attributes.get(id);
  if (!row) throw attributeNotFound(id);
  return row;
}

function searchAttributes(call: ApiCall): Answer {
  return searchSmall<Attribute>(call, {
    name: 'attributes',
    rows: [...call.tenant.store.attributes.values()],
    id: (row) => row.id,
    fields: {
      id: { type: 'IdFilter', read: (row) => row.id },
      label: { type: 'TextAttribute', read: (row) => row.label },
      name: { type: 'TextAttribute', read: (row) => row.name },
      type_class: { type: 'DropdownAttribute', read: (row) => row.type_class },
      groups: {
        type: 'MultiSelectAttribute',
        read: (row) => groupsOf(call.tenant.store, row.label).map(({ id }) => id),
      },
      created: { type: 'DateAttribute', read: (row) => row.created },
    },
    columns: [
      'id',
      'label',
      'name',
      'description',
      'attributes',
      'groups',
      'type_class',
      'options',
      'filter_type',
    ],
    print: (row) => shape(call, row),
    always: ['id', 'filter_type'],
    byDefault: [],
  });
}

function createAttribute(call: ApiCall): Answer {
  const body = objectBody(call.body);
  const name = requiredText(body, 'name');
  const typeName = requiredText(body, 'type_class');
  const type_class = ATTRIBUTE_TYPES.find((known) => known === typeName);
  if (!type_class) {
    throw schemaError('type_class', `Value is not valid, valid values are [${ATTRIBUTE_TYPES.join(', ')}]`);
  }
  const { tenant } = call;
  if (tenant.store.attributeByLabel(slug(name)) || hasName(tenant.store, name)) throw duplicateAttribute();
  const now = tenant.clock.now();
  const row: Attribute = {
    id: tenant.ids.next(now),
    label: slug(name),
    name,
    type_class,
    description: optionalText(body, 'description') ?? null,
    options: optionalTexts(body, 'options') ?? [],
    manual_sorting: optionalBoolean(body, 'manual_sorting') ?? true,
    sort_ascending: optionalBoolean(body, 'sort_ascending') ?? true,
    created: now,
  };
  tenant.store.commit([put('attributes', row)]);
  return one(201, shape(call, row));
}

/** Name, description and options; options are replaced as a whole. The label stays. */
function patchAttribute(call: ApiCall): Answer {
  const row = attribute(call);
  const body = objectBody(call.body);
  const name = body['name'] === undefined ? row.name : requiredText(body, 'name');
  if (name !== row.name && hasName(call.tenant.store, name)) throw duplicateAttribute();
  const description = optionalText(body, 'description');
  const next: Attribute = {
    ...row,
    name,
    description: description === undefined ? row.description : description,
    options: optionalTexts(body, 'options') ?? row.options,
  };
  call.tenant.store.commit([put('attributes', next)]);
  return one(200, shape(call, next));
}

/** Takes the attribute out of products, groups and families as well. */
function deleteAttribute(call: ApiCall): Answer {
  const { store } = call.tenant;
  const row = attribute(call);
  const changes: Change[] = [remove('attributes', row.id)];
  for (const product of store.products.all()) {
    const field = attributeField(row.label);
    if (!(row.label in product.attributes) && !product.overwritten.includes(field)) continue;
    const { [row.label]: _gone, ...attributes } = product.attributes;
    const overwritten = product.overwritten.filter((other) => other !== field);
    changes.push(put('products', { ...product, attributes, overwritten }));
  }
  for (const group of groupsOf(store, row.label)) {
    const attribute_labels = group.attribute_labels.filter((label) => label !== row.label);
    changes.push(put('groups', { ...group, attribute_labels }));
  }
  for (const family of store.families.values()) {
    const { [attributeField(row.label)]: level, ...levels } = family.levels;
    if (level !== undefined) changes.push(put('families', { ...family, levels }));
  }
  store.commit(changes);
  return empty(202);
}

function hasName(store: PlytixStore, name: string): boolean {
  return [...store.attributes.values()].some((row) => row.name === name);
}
