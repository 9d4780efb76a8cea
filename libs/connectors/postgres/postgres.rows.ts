import type { BatchWrite, Json, SyncFault } from '#connector-sdk';
import type { AttributePath, AttributeValue, CustomValue } from '#contracts';
import { ATTRIBUTE_COLUMNS, MAP_COLUMNS, REST_COLUMN } from './postgres.columns';
import type { ColumnType, MapColumn, MartEntity } from './postgres.columns';

/** One row as `json_to_recordset` reads it: column → JSON value. A column that is not there is null. */
export type MartRow = Record<string, Json | undefined>;

/**
 * What PostgreSQL's text cannot hold: NUL (22021, 22P05), and half of a surrogate pair, which is no character
 * (22P02). Either would refuse the whole statement. Under the `u` flag a proper pair is one character and is
 * not matched.
 */
const NOT_TEXT = /[\0\p{Surrogate}]/u;

/** The same two in the text of a JSON document, where `JSON.stringify` always writes them as escapes. */
const NOT_TEXT_IN_JSON = /\\u(?:0000|d[89a-f])/;

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Lays a write out as a row, or names the attribute whose value its column cannot hold. Text is not checked
 * here for what PostgreSQL cannot store; see `mayHoldNonText`.
 */
export function rowOf(entity: MartEntity, write: BatchWrite): { row: MartRow } | { fault: SyncFault } {
  const changedAt = new Date(write.changedAtMs).toISOString();
  const row: MartRow = {
    hub_id: write.hubId,
    product_id: entity === 'variant' ? write.productId : undefined,
    version: write.version,
    changed_at: changedAt,
  };
  if (write.attributes === null) return { row: { ...row, deleted_at: changedAt } };

  const named = columnsByAttribute(entity);
  for (const [attribute, value] of Object.entries(write.attributes)) {
    const column = named.get(attribute);
    if (column === undefined) addToMap(row, attribute, value);
    else if (!fits(column.type, value)) return { fault: misfit(entity, write, attribute, column.type) };
    else row[column.column] = value as Json;
  }
  row.supplied = Object.keys(write.attributes).sort();
  return { row };
}

/** True when the JSON text of rows may hold what is no text to PostgreSQL; the rows are then looked at singly. */
export function mayHoldNonText(json: string): boolean {
  return NOT_TEXT_IN_JSON.test(json);
}

/** The fault of a write whose text PostgreSQL cannot store, naming the attribute; null when all of it can be. */
export function nonTextFault(entity: MartEntity, write: BatchWrite): SyncFault | null {
  for (const [attribute, value] of Object.entries(write.attributes ?? {})) {
    if (!holdsNonText(attribute) && !holdsNonText(value)) continue;
    return {
      kind: 'rejected',
      code: 'not_text',
      message: `${subject(entity, write)}: ${readable(attribute)} holds a NUL character or half of a surrogate pair, which PostgreSQL cannot store as text`,
      attribute: readable(attribute),
    };
  }
  return null;
}

/** Beginning of every message about one write. */
export function subject(entity: MartEntity, { hubId, version }: BatchWrite): string {
  return `writing postgres ${entity} ${hubId} v${version}`;
}

const columnsOf = new Map<MartEntity, ReadonlyMap<AttributePath, { column: string; type: ColumnType }>>();

function columnsByAttribute(entity: MartEntity) {
  const known = columnsOf.get(entity) ?? new Map(ATTRIBUTE_COLUMNS[entity].map((c) => [c.attribute, c]));
  columnsOf.set(entity, known);
  return known;
}

function addToMap(row: MartRow, attribute: AttributePath, value: AttributeValue): void {
  const dot = attribute.indexOf('.');
  const group = attribute.slice(0, Math.max(dot, 0));
  const isMap = (MAP_COLUMNS as readonly string[]).includes(group);
  const column: MapColumn | typeof REST_COLUMN = isMap ? (group as MapColumn) : REST_COLUMN;
  const map = (row[column] ??= Object.create(null) as Record<string, Json>) as Record<string, Json>;
  map[isMap ? attribute.slice(dot + 1) : attribute] = readableJson(value);
}

/**
 * A value as people want to read it in SQL: a custom value is its bare content. Decimals and dates stay text,
 * so that "12.50" remains what the source said.
 */
function readableJson(value: AttributeValue): Json {
  if (!isCustomValue(value)) return value as Json;
  return (value as Record<string, unknown>)[value.kind] as Json;
}

function isCustomValue(value: AttributeValue): value is CustomValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return 'kind' in value && typeof value.kind === 'string' && Object.hasOwn(value, value.kind);
}

function fits(type: ColumnType, value: AttributeValue): boolean {
  if (value === null) return true;
  if (type === 'text') return typeof value === 'string';
  if (type === 'date') return typeof value === 'string' && isDate(value);
  if (!Array.isArray(value)) return false;
  return type === 'media' || value.every((item) => typeof item === 'string');
}

/** `YYYY-MM-DD` and a day that exists: 30 February would be refused with the whole statement (22008). */
function isDate(value: string): boolean {
  if (!ISO_DATE.test(value) || value.startsWith('0000')) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function misfit(
  entity: MartEntity,
  write: BatchWrite,
  attribute: AttributePath,
  type: ColumnType,
): SyncFault {
  const value = write.attributes?.[attribute] ?? null;
  const came = typeof value === 'string' ? `"${readable(value.slice(0, 60))}"` : typeof value;
  return {
    kind: 'rejected',
    code: 'wrong_type',
    message: `${subject(entity, write)}: ${attribute} must be ${EXPECTED[type]}, not ${came}`,
    attribute,
  };
}

const EXPECTED: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  date: 'a date as YYYY-MM-DD',
  'text[]': 'a list of texts',
  media: 'a list of media references',
};

function holdsNonText(value: unknown): boolean {
  if (typeof value === 'string') return NOT_TEXT.test(value);
  if (Array.isArray(value)) return value.some(holdsNonText);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsNonText(name) || holdsNonText(inner));
}

/** The same text with what is no text replaced, fit for a message that is itself stored in PostgreSQL. */
function readable(value: string): string {
  return value.replaceAll(/[\0\p{Surrogate}]/gu, '\ufffd');
}
