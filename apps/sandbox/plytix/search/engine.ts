import { json } from '../../http/answer';
import type { Answer, Json, JsonObject } from '../../http/answer';
import { unrecorded } from '../choices';
import type { Choices } from '../choices';
import { ApiError, schemaError } from '../errors';
import { parseSearch } from './grammar';
import type { Filter, SearchQuery } from './grammar';
import { compileTest } from './operators';
import type { FieldValue, FilterType } from './operators';

/** A field that can be filtered and ordered by. */
export interface SearchField<Row> {
  type: FilterType;
  read(row: Row): FieldValue;
}

/** What a resource brings to be searchable. */
export interface SearchResource<Row> {
  /** All rows, in the order that holds without `order`: newest first. */
  rows(): Row[];
  id(row: Row): string;
  field(name: string): SearchField<Row> | undefined;
  /** True for a column that may be asked for. */
  hasColumn(name: string): boolean;
  print(row: Row, columns: readonly string[]): JsonObject;
  /** Columns that count against `columnCap`; `id` and `sku` are free. Without a cap: null. */
  columnCap: number | null;
  /** More matches than this cannot be ordered (428); null where there is no such rule. */
  orderLimit: number | null;
  /** True for fields by which a request to order is not followed: the default order stays. */
  ignoresOrder?(field: string): boolean;
}

interface Matches<Row> {
  revision: string;
  rows: Row[];
}

/** Pages of one search come one after the other: what matched is kept while nothing changes. */
export class MatchCache {
  private readonly entries = new Map<string, Matches<unknown>>();

  get<Row>(key: string, revision: string, compute: () => Row[]): Row[] {
    const known = this.entries.get(key);
    if (known?.revision === revision) return known.rows as Row[];
    const rows = compute();
    this.entries.delete(key);
    this.entries.set(key, { revision, rows });
    if (this.entries.size > 16) this.entries.delete(this.entries.keys().next().value!);
    return rows;
  }
}

export interface SearchContext {
  choices: Choices;
  now: number;
  cache: MatchCache;
  /** Name of the resource and version, so that searches of different ones do not share matches. */
  name: string;
  /** Changes whenever the rows do. */
  revision: string;
}

/** Answers `POST …/search`. */
export function search<Row>(body: Json, resource: SearchResource<Row>, context: SearchContext): Answer {
  const query = parseSearch(body);
  checkColumns(query, resource);
  if (query.relationshipFilters.length > 0) {
    throw schemaError('relationship_filters', unrecorded.unknownRelationship);
  }
  const accepts = compileFilters(query.filters, resource, context);
  const key = JSON.stringify([context.name, query.filters, query.order]);
  const all = resource.rows();
  // `last_days` moves with the clock: such a result is not kept.
  const relative = query.filters.flat().some(({ operator }) => operator === 'last_days');
  const revision = relative ? `${context.revision}@${context.now}` : context.revision;
  const matches = context.cache.get(key, revision, () => {
    return ordered(all.filter(accepts), query.order, resource);
  });
  const start = (query.page - 1) * query.pageSize;
  const rows = matches.slice(start, start + query.pageSize);
  return json(200, {
    data: rows.map((row) => resource.print(row, query.columns)),
    pagination: {
      count: matches.length,
      order: query.order,
      page: query.page,
      page_size: query.pageSize,
      total_count: all.length,
    },
  });
}

function checkColumns<Row>(query: SearchQuery, resource: SearchResource<Row>): void {
  const cap = resource.columnCap;
  const counted = query.columns.filter((column) => column !== 'id' && column !== 'sku');
  if (cap !== null && counted.length > cap) {
    throw schemaError('schema', `columns limit exceeded, current limit is ${cap}`);
  }
  const unknown = query.columns.find((column) => !resource.hasColumn(column));
  if (unknown !== undefined) throw schemaError('attributes', `Field '${unknown}' doesn't exist`);
}

function compileFilters<Row>(
  groups: readonly Filter[][],
  resource: SearchResource<Row>,
  context: SearchContext,
): (row: Row) => boolean {
  if (groups.length === 0) return () => true;
  const compiled = groups.map((group) => group.map((filter) => compileFilter(filter, resource, context)));
  return (row) => compiled.some((group) => group.every((test) => test(row)));
}

function compileFilter<Row>(
  filter: Filter,
  resource: SearchResource<Row>,
  context: SearchContext,
): (row: Row) => boolean {
  const names = typeof filter.field === 'string' ? [filter.field] : filter.field;
  const anyField = filter.operator === 'text_search';
  const tests = names.map((name) => {
    const field = resource.field(name);
    if (!field) throw schemaError('field', `Field '${name}' doesn't exist`);
    const type = anyField ? 'TextAttribute' : field.type;
    const test = compileTest(type, name, anyField ? 'like' : filter.operator, filter.value, context);
    return (row: Row): boolean => test(field.read(row));
  });
  return (row) => tests.some((test) => test(row));
}

/** Orders by a field, ties by id. An order that makes no sense is not followed (and not refused). */
function ordered<Row>(rows: Row[], order: string | null, resource: SearchResource<Row>): Row[] {
  if (order === null || order === '') return rows;
  if (resource.orderLimit !== null && rows.length > resource.orderLimit) {
    throw new ApiError(428, unrecorded.tooManyResultsToOrder);
  }
  const name = order.replace(/^-/, '');
  const field = resource.field(name);
  if (!field || resource.ignoresOrder?.(name)) return rows;
  const sign = order.startsWith('-') ? -1 : 1;
  return rows
    .map((row) => ({ row, value: sortable(field.read(row)), id: resource.id(row) }))
    .sort((a, b) => sign * compare(a.value, b.value) || compare(a.id, b.id))
    .map(({ row }) => row);
}

function sortable(value: FieldValue): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : value.join(',');
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
