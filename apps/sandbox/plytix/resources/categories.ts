import { empty, json } from '../../http/answer';
import type { Answer, JsonObject } from '../../http/answer';
import { param } from '../api';
import type { ApiCall, ApiRoute } from '../api';
import { unrecorded } from '../choices';
import { duplicateCategory, rowNotFound, schemaError } from '../errors';
import type { Category } from '../model';
import { categoryPath } from '../product-reading';
import { put, remove } from '../store';
import type { Change, PlytixStore } from '../store';
import type { Tenant } from '../tenant';
import { v1Time } from '../times';
import { objectBody, optionalText, optionalTexts, requiredText } from './body';
import { one, searchSmall } from './paging';

const BASE = '/api/v1/categories/product';
const MAX_LEVELS = 6;

/** The tree of product categories. */
export function categoryRoutes(): ApiRoute[] {
  return [
    { method: 'POST', path: BASE, handle: (call) => createCategory(call, null) },
    { method: 'POST', path: `${BASE}/search`, handle: searchCategories },
    { method: 'POST', path: `${BASE}/{id}`, handle: (call) => createCategory(call, category(call)) },
    { method: 'PATCH', path: `${BASE}/root`, handle: sortRoots },
    { method: 'PATCH', path: `${BASE}/{id}`, handle: patchCategory },
    { method: 'DELETE', path: `${BASE}/{id}`, handle: deleteCategory },
  ];
}

function shape(store: PlytixStore, row: Category): JsonObject {
  const path = categoryPath(store.categories, row);
  return {
    id: row.id,
    name: row.name,
    slug: row.name.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-'),
    order: String(row.position),
    path,
    parent_id: row.parent_id,
    parents_ids: parents(store, row),
    n_children: childrenOf(store, row.id).length,
    modified: v1Time(row.modified),
  };
}

/** Root first. */
function parents(store: PlytixStore, row: Category): string[] {
  const parent = row.parent_id === null ? undefined : store.categories.get(row.parent_id);
  return parent ? [...parents(store, parent), parent.id] : [];
}

function childrenOf(store: PlytixStore, parentId: string | null): Category[] {
  return [...store.categories.values()]
    .filter((row) => row.parent_id === parentId)
    .sort((a, b) => a.position - b.position);
}

function searchCategories(call: ApiCall): Answer {
  const { store } = call.tenant;
  return searchSmall<Category>(call, {
    name: 'categories',
    rows: [...store.categories.values()],
    id: (row) => row.id,
    fields: {
      id: { type: 'IdFilter', read: (row) => row.id },
      name: { type: 'TextAttribute', read: (row) => row.name },
      parent_id: { type: 'IdFilter', read: (row) => row.parent_id },
      parents_ids: { type: 'MultiSelectAttribute', read: (row) => parents(store, row) },
      n_children: { type: 'IntAttribute', read: (row) => childrenOf(store, row.id).length },
      order: { type: 'IntAttribute', read: (row) => row.position },
      modified: { type: 'DateAttribute', read: (row) => row.modified },
    },
    columns: ['id', 'name', 'slug', 'order', 'path', 'parent_id', 'parents_ids', 'n_children', 'modified'],
    print: (row) => shape(store, row),
    always: ['id'],
    byDefault: ['name', 'slug', 'order', 'path', 'parents_ids', 'n_children', 'modified'],
    // A client's tests expect newest first for `order: "id"`: it is no real key.
    ignoresOrder: (field) => field === 'id',
  });
}

function createCategory(call: ApiCall, parent: Category | null): Answer {
  const { tenant } = call;
  const name = requiredText(objectBody(call.body), 'name');
  const siblings = childrenOf(tenant.store, parent?.id ?? null);
  if (siblings.some((sibling) => sibling.name === name)) throw duplicateCategory(name);
  if (parent && parents(tenant.store, parent).length + 2 > MAX_LEVELS) {
    throw schemaError('parent_id', unrecorded.categoryDepth);
  }
  const now = tenant.clock.now();
  const row: Category = {
    id: tenant.ids.next(now),
    name,
    parent_id: parent?.id ?? null,
    position: siblings.length,
    created: now,
    modified: now,
  };
  tenant.store.commit([put('categories', row)]);
  return one(201, shape(tenant.store, row));
}

function patchCategory(call: ApiCall): Answer {
  const row = category(call);
  const body = objectBody(call.body);
  const order = optionalTexts(body, 'sort_children');
  const parentId = optionalText(body, 'parent_id');
  if (order && parentId !== undefined) throw schemaError('sort_children', unrecorded.categoryMoveAndSort);
  if (order) call.tenant.store.commit(sorted(call.tenant, row.id, order));
  else renameOrMove(call.tenant, row, body, parentId);
  return one(200, shape(call.tenant.store, call.tenant.store.categories.get(row.id)!));
}

function renameOrMove(
  tenant: Tenant,
  row: Category,
  body: JsonObject,
  parentId: string | null | undefined,
): void {
  const { store } = tenant;
  const name = body['name'] === undefined ? row.name : requiredText(body, 'name');
  const target = parentId === undefined ? row.parent_id : parentId || null;
  const parent = target === null ? undefined : store.categories.get(target);
  if (target !== null && !parent) throw rowNotFound(target);
  if (parent && (parent.id === row.id || parents(store, parent).includes(row.id))) {
    throw schemaError('parent_id', unrecorded.categoryCycle);
  }
  const siblings = childrenOf(store, target).filter(({ id }) => id !== row.id);
  if (siblings.some((sibling) => sibling.name === name)) throw duplicateCategory(name);
  const position = target === row.parent_id ? row.position : siblings.length;
  if (name === row.name && target === row.parent_id) return;
  store.commit([
    put('categories', { ...row, name, parent_id: target, position, modified: tenant.clock.now() }),
  ]);
}

function sortRoots(call: ApiCall): Answer {
  const order = optionalTexts(objectBody(call.body), 'sort_children') ?? [];
  call.tenant.store.commit(sorted(call.tenant, null, order));
  return json(200, { data: [] });
}

/** The order has to name every child. */
function sorted(tenant: Tenant, parentId: string | null, order: readonly string[]): Change[] {
  const children = childrenOf(tenant.store, parentId);
  const isComplete = order.length === children.length && children.every(({ id }) => order.includes(id));
  if (!isComplete) throw schemaError('sort_children', unrecorded.categorySort);
  return children.map((child) => put('categories', { ...child, position: order.indexOf(child.id) }));
}

/** With everything below it, and out of all products. */
function deleteCategory(call: ApiCall): Answer {
  const { store } = call.tenant;
  const row = category(call);
  const gone = new Set([row.id]);
  for (const other of store.categories.values())
    if (parents(store, other).includes(row.id)) gone.add(other.id);
  const changes: Change[] = [...gone].map((id) => remove('categories', id));
  for (const product of store.products.all()) {
    if (!product.categories.some((id) => gone.has(id))) continue;
    const categories = product.categories.filter((id) => !gone.has(id));
    changes.push(put('products', { ...product, categories }));
  }
  store.commit(changes);
  return empty(204);
}

function category(call: ApiCall): Category {
  const id = param(call, 'id');
  const row = call.tenant.store.categories.get(id);
  if (!row) throw rowNotFound(id);
  return row;
}
