import { isJsonObject } from '../../http/answer';
import type { Json, JsonObject } from '../../http/answer';
import { unrecorded } from '../choices';
import { schemaError } from '../errors';

/** One condition; `field` is a list for `text_search` only. */
export interface Filter {
  field: string | string[];
  operator: string;
  value: Json | undefined;
}

/** The body of a search, decoded. `filters`: the outer list is OR, each inner one AND. */
export interface SearchQuery {
  filters: Filter[][];
  relationshipFilters: Json[];
  columns: string[];
  page: number;
  pageSize: number;
  /** As sent: the answer repeats it. */
  order: string | null;
}

const PARTS = new Set(['filters', 'attributes', 'pagination', 'relationship_filters']);
const FILTER_KEYS = new Set(['field', 'operator', 'value']);
const DEFAULT_PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 100;

/** Decodes a search body. Every part is optional; every search takes all four parts. Errors are 422. */
export function parseSearch(body: Json): SearchQuery {
  if (!isJsonObject(body)) throw schemaError('_schema', unrecorded.notObject);
  for (const part of Object.keys(body)) if (!PARTS.has(part)) throw schemaError(part, 'unknown field');
  return {
    filters: parseFilters(body['filters']),
    relationshipFilters: parseRelationshipFilters(body['relationship_filters']),
    columns: parseColumns(body['attributes']),
    ...parsePagination(body['pagination']),
  };
}

function parseFilters(filters: Json | undefined): Filter[][] {
  if (filters == null) return [];
  if (!Array.isArray(filters)) throw undecodable();
  return filters
    .map((group) => {
      if (!Array.isArray(group)) throw undecodable();
      return group.map(parseFilter);
    })
    .filter((group) => group.length > 0);
}

function parseFilter(filter: Json): Filter {
  if (!isJsonObject(filter)) throw undecodable();
  for (const key of Object.keys(filter)) if (!FILTER_KEYS.has(key)) throw schemaError(key, 'unknown field');
  const { field, operator, value } = filter;
  if (typeof operator !== 'string') throw undecodable();
  if (operator === 'text_search') {
    const fields = typeof field === 'string' ? [field] : field;
    if (!isTextList(fields)) throw undecodable();
    return { field: fields, operator, value };
  }
  if (typeof field !== 'string') throw undecodable();
  return { field, operator, value };
}

function parseRelationshipFilters(filters: Json | undefined): Json[] {
  if (filters == null) return [];
  if (!Array.isArray(filters)) throw schemaError('relationship_filters', 'Unable to decode filters properly');
  return filters.filter((group) => !(Array.isArray(group) && group.length === 0));
}

function parseColumns(columns: Json | undefined): string[] {
  if (columns == null) return [];
  if (!isTextList(columns)) throw schemaError('attributes', unrecorded.notList);
  return [...new Set(columns)];
}

function parsePagination(pagination: Json | undefined): Pick<SearchQuery, 'page' | 'pageSize' | 'order'> {
  if (pagination != null && !isJsonObject(pagination)) throw schemaError('pagination', unrecorded.notObject);
  const given: JsonObject = pagination ?? {};
  const page = given['page'] ?? 1;
  const pageSize = given['page_size'] ?? DEFAULT_PAGE_SIZE;
  const order = given['order'] ?? null;
  if (!isWhole(page) || page < 1) throw schemaError('page', unrecorded.page);
  if (!isWhole(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
    throw schemaError('page_size', unrecorded.pageSize);
  }
  if (order !== null && typeof order !== 'string') throw schemaError('order', unrecorded.notString);
  return { page, pageSize, order };
}

function isWhole(value: Json): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isTextList(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function undecodable(): Error {
  return schemaError('filters', 'Unable to decode filters properly');
}
