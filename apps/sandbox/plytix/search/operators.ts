import { schemaError } from '../errors';
import type { Choices } from '../choices';
import { parseInstant } from '../times';
import type { Json } from '../../http/answer';

/** Filter types as `/filters/…` names them. `IdFilter` is ours, for fields that it does not list. */
export type FilterType =
  | 'TextAttribute'
  | 'DropdownAttribute'
  | 'MultiSelectAttribute'
  | 'IntAttribute'
  | 'DecimalAttribute'
  | 'DateAttribute'
  | 'BooleanAttribute'
  | 'MediaAttribute'
  | 'IdFilter';

/** What a field holds when it is compared: times as milliseconds, several values as a list, nothing as null. */
export type FieldValue = string | number | boolean | readonly string[] | null;
export type Test = (actual: FieldValue) => boolean;

const PRESENCE = ['exists', '!exists'];
const ORDERED = ['eq', 'gt', 'gte', 'lt', 'lte'];
const LENGTHS = ['len_eq', '!len_eq', 'len_gt', 'len_gte', 'len_lt', 'len_lte'];
const LISTS = ['in', '!in', 'by_in', '!by_in', 'cat_in', 'cat_!in'];

/** Operators that filter discovery lists for a type. */
export const LISTED_OPERATORS: Readonly<Record<FilterType, readonly string[]>> = {
  TextAttribute: [...PRESENCE, 'like', 'eq', '!eq'],
  DropdownAttribute: [...PRESENCE, 'eq', '!eq', 'in', '!in'],
  MultiSelectAttribute: [...PRESENCE, 'in', '!in'],
  IntAttribute: [...PRESENCE, ...ORDERED],
  DecimalAttribute: [...PRESENCE, ...ORDERED],
  DateAttribute: [...PRESENCE, ...ORDERED],
  BooleanAttribute: ['eq'],
  MediaAttribute: PRESENCE,
  IdFilter: ['eq', '!eq', 'in', '!in'],
};

/** Operators that the live validator takes besides; none of them is listed anywhere. */
const ALSO_ACCEPTED: Readonly<Record<FilterType, readonly string[]>> = {
  TextAttribute: ['!like', ...LISTS, ...LENGTHS],
  DropdownAttribute: ['like', '!like', ...LISTS, ...LENGTHS],
  MultiSelectAttribute: ['eq', '!eq', 'like', '!like', ...LISTS, ...LENGTHS],
  IntAttribute: ['!eq', 'bte', 'in', '!in'],
  DecimalAttribute: ['!eq', 'bte', 'in', '!in'],
  DateAttribute: ['!eq', 'bte', 'last_days'],
  BooleanAttribute: ['!eq', ...PRESENCE],
  MediaAttribute: [],
  IdFilter: PRESENCE,
};

const DAY_MS = 86_400_000;

/**
 * The test that a filter asks for. Wrong operators and values are a 422.
 * @param now for `last_days`, milliseconds since the epoch
 */
export function compileTest(
  type: FilterType,
  field: string,
  operator: string,
  value: Json | undefined,
  context: { choices: Choices; now: number },
): Test {
  const valid = new Set([...LISTED_OPERATORS[type], ...ALSO_ACCEPTED[type]]);
  if (!valid.has(operator)) {
    throw schemaError(
      'operator',
      `Operator '${operator}' is not valid for field '${field}'. Valid operators are: ${[...valid].join(', ')}`,
    );
  }
  if (operator === 'exists') return (actual) => !isEmpty(actual);
  if (operator === '!exists') return isEmpty;
  if (operator.includes('len_')) return lengthTest(field, operator, value);
  switch (type) {
    case 'IntAttribute':
    case 'DecimalAttribute':
      return numberTest(
        operator,
        values(value).map((item) => toNumber(field, item)),
      );
    case 'DateAttribute':
      return dateTest(field, operator, value, context);
    case 'BooleanAttribute':
      return booleanTest(field, operator, value);
    default:
      return textTest(field, operator, value);
  }
}

/** Empty is null, an empty text, and a list with nothing in it. */
export function isEmpty(actual: FieldValue): boolean {
  return actual === null || actual === '' || (Array.isArray(actual) && actual.length === 0);
}

function values(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [value ?? null];
}

function texts(actual: FieldValue): string[] {
  if (actual === null) return [];
  return Array.isArray(actual) ? [...(actual as readonly string[])] : [String(actual)];
}

/** `eq` and `like` ignore case, also on SKUs; `in` does not. */
function textTest(field: string, operator: string, value: Json | undefined): Test {
  const wanted = values(value).map((item) => {
    if (item === null || typeof item === 'object') throw badValue(field);
    return String(item);
  });
  const negated = operator.includes('!');
  const positive = positiveTextTest(operator.replace('!', ''), wanted);
  return (actual) => positive(texts(actual)) !== negated;
}

function positiveTextTest(operator: string, wanted: readonly string[]): (actual: string[]) => boolean {
  const folded = wanted.map((text) => text.toLowerCase());
  const exact = new Set(wanted);
  if (operator === 'eq') return (actual) => actual.some((text) => text.toLowerCase() === folded[0]);
  if (operator === 'like') return (actual) => actual.some((text) => text.toLowerCase().includes(folded[0]!));
  return (actual) => actual.some((text) => exact.has(text));
}

function numberTest(operator: string, wanted: readonly number[]): Test {
  if (operator === 'in' || operator === '!in') {
    const exact = new Set(wanted);
    return (actual) => (typeof actual === 'number' && exact.has(actual)) !== (operator === '!in');
  }
  return orderedTest(operator, wanted[0]!, wanted[1]);
}

function ofNumber(test: (actual: number) => boolean): Test {
  return (actual) => typeof actual === 'number' && test(actual);
}

function orderedTest(operator: string, wanted: number, upper: number | undefined): Test {
  switch (operator) {
    case 'gt':
      return ofNumber((actual) => actual > wanted);
    case 'gte':
      return ofNumber((actual) => actual >= wanted);
    case 'lt':
      return ofNumber((actual) => actual < wanted);
    case 'lte':
      return ofNumber((actual) => actual <= wanted);
    case 'bte':
      return ofNumber((actual) => actual >= wanted && actual <= (upper ?? wanted));
    case '!eq':
      return (actual) => actual !== wanted;
    default:
      return (actual) => actual === wanted;
  }
}

function dateTest(
  field: string,
  operator: string,
  value: Json | undefined,
  { choices, now }: { choices: Choices; now: number },
): Test {
  if (operator === 'last_days') {
    const since = now - toNumber(field, value ?? null) * DAY_MS;
    return (actual) => typeof actual === 'number' && actual >= since;
  }
  const wanted = values(value).map((item) => {
    const instant = typeof item === 'string' ? parseInstant(item) : null;
    if (!instant || (!instant.dateOnly && choices.dateTimeFilters === 'reject')) throw badValue(field);
    return instant;
  });
  const [first, second] = wanted;
  if (first!.dateOnly && (operator === 'eq' || operator === '!eq')) {
    const sameDay = orderedTest('bte', first!.ms, first!.ms + DAY_MS - 1);
    return (actual) => sameDay(actual) === (operator === 'eq');
  }
  return orderedTest(operator, first!.ms, second?.ms);
}

function booleanTest(field: string, operator: string, value: Json | undefined): Test {
  const wanted = values(value)[0];
  if (typeof wanted !== 'boolean') throw badValue(field);
  return (actual) => ((actual ?? false) === wanted) === (operator === 'eq');
}

function lengthTest(field: string, operator: string, value: Json | undefined): Test {
  const compare = orderedTest(
    operator.replace('len_', ''),
    toNumber(field, values(value)[0] ?? null),
    undefined,
  );
  return (actual) => compare(Array.isArray(actual) ? actual.length : [...texts(actual).join('')].length);
}

function toNumber(field: string, item: Json): number {
  const parsed =
    typeof item === 'number' ? item : typeof item === 'string' && item.trim() !== '' ? Number(item) : NaN;
  if (!Number.isFinite(parsed)) throw badValue(field);
  return parsed;
}

function badValue(field: string): Error {
  return schemaError('value', `Value is not valid for field '${field}'`);
}
