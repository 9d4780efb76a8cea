import { empty } from '../../http/answer';
import type { Answer, JsonObject } from '../../http/answer';
import { param } from '../api';
import type { ApiCall, ApiRoute } from '../api';
import { productInvalid, rowNotFound } from '../errors';
import type { AttributeGroup } from '../model';
import { put, remove } from '../store';
import { objectBody, optionalTexts, requiredText } from './body';
import { one, searchSmall } from './paging';

const BASE = '/api/v1/attribute-groups/product';

/** Groups of product attributes; the labels in them carry no prefix. */
export function groupRoutes(): ApiRoute[] {
  return [
    { method: 'POST', path: BASE, handle: createGroup },
    { method: 'POST', path: `${BASE}/search`, handle: searchGroups },
    { method: 'PATCH', path: `${BASE}/{id}`, handle: patchGroup },
    { method: 'DELETE', path: `${BASE}/{id}`, handle: deleteGroup },
  ];
}

function shape({ id, name, order, attribute_labels }: AttributeGroup): JsonObject {
  return { id, name, order, attribute_labels: [...attribute_labels] };
}

function searchGroups(call: ApiCall): Answer {
  return searchSmall<AttributeGroup>(call, {
    name: 'groups',
    rows: [...call.tenant.store.groups.values()],
    id: (row) => row.id,
    fields: {
      id: { type: 'IdFilter', read: (row) => row.id },
      name: { type: 'TextAttribute', read: (row) => row.name },
      order: { type: 'IntAttribute', read: (row) => row.order },
    },
    columns: ['id', 'name', 'order', 'attribute_labels'],
    print: shape,
    always: ['id'],
    byDefault: ['name', 'order', 'attribute_labels'],
  });
}

function createGroup(call: ApiCall): Answer {
  const { tenant } = call;
  const body = objectBody(call.body);
  const row: AttributeGroup = {
    id: tenant.ids.next(tenant.clock.now()),
    name: requiredText(body, 'name'),
    order: tenant.store.groups.size,
    attribute_labels: knownLabels(call, body) ?? [],
  };
  tenant.store.commit([put('groups', row)]);
  return one(201, shape(row));
}

function patchGroup(call: ApiCall): Answer {
  const row = group(call);
  const body = objectBody(call.body);
  const order = body['order'];
  const next: AttributeGroup = {
    ...row,
    name: body['name'] === undefined ? row.name : requiredText(body, 'name'),
    order: typeof order === 'number' ? order : row.order,
    attribute_labels: knownLabels(call, body) ?? row.attribute_labels,
  };
  call.tenant.store.commit([put('groups', next)]);
  return one(200, shape(next));
}

function deleteGroup(call: ApiCall): Answer {
  call.tenant.store.commit([remove('groups', group(call).id)]);
  return empty(204);
}

function group(call: ApiCall): AttributeGroup {
  const id = param(call, 'id');
  const row = call.tenant.store.groups.get(id);
  if (!row) throw rowNotFound(id);
  return row;
}

function knownLabels(call: ApiCall, body: JsonObject): string[] | undefined {
  const labels = optionalTexts(body, 'attribute_labels');
  const unknown = labels?.filter((label) => !call.tenant.store.attributeByLabel(label)) ?? [];
  if (unknown.length > 0) {
    throw productInvalid(unknown.map((label) => ({ field: label, msg: 'label does not exist' })));
  }
  return labels;
}
