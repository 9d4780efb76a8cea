/** Values of custom attributes, typed by the account's attribute definitions. */
import type { CustomValue } from '#contracts';
import { decimalText, JsonNumber } from '#connector-sdk';

/** Thrown when a value does not fit its attribute's type; the message ends a gerund phrase. */
export class ValueError extends Error {}

/** Plytix leaves out what is empty in a search, and may write it as null, "" or [] elsewhere: all the same. */
export function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

type Convert = (value: unknown, label: string) => CustomValue;

const asString: Convert = (value) => ({ kind: 'string', string: text(value) });

const asLong: Convert = (value) => {
  const decimal = decimalText(value);
  if (decimal === null || !/^-?\d+(\.0+)?$/.test(decimal))
    throw new ValueError(`${shown(value)} is not an integer`);
  const long = Number(decimal);
  // Sixteen digits are allowed, which is more than a double holds.
  return Number.isSafeInteger(long) ? { kind: 'long', long } : { kind: 'decimal', decimal };
};

const asDecimal: Convert = (value) => {
  const decimal = decimalText(value);
  if (decimal === null) throw new ValueError(`${shown(value)} is not a decimal`);
  return { kind: 'decimal', decimal };
};

const asBoolean: Convert = (value) => {
  if (typeof value === 'boolean') return { kind: 'boolean', boolean: value };
  if (value === 'true' || value === 'false') return { kind: 'boolean', boolean: value === 'true' };
  throw new ValueError(`${shown(value)} is not a boolean`);
};

/** Documented as 2015-03-28, recorded as 2015-03-28T00:00:00; the time of day is always midnight. */
const asDate: Convert = (value) => {
  const match = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(value) : null;
  const date = match?.[1];
  const isDay =
    date !== undefined && !Number.isNaN(Date.parse(date)) && new Date(date).toISOString().startsWith(date);
  if (!isDay) throw new ValueError(`${shown(value)} is not a date`);
  return { kind: 'date', date };
};

const asList: Convert = (value) => ({
  kind: 'list',
  list: (Array.isArray(value) ? value : [value]).map(text),
});

/** Ids only: v2 gives no addresses, and the same product must look the same however it was read. */
const asMedia: Convert = (value, label) => ({
  kind: 'media',
  media: (Array.isArray(value) ? value : [value]).map((one: unknown, position) => ({
    asset_id: `plytix:${mediaId(one)}`,
    role: label,
    position,
    url: null,
  })),
});

const CONVERSIONS: Readonly<Record<string, Convert>> = {
  TextAttribute: asString,
  MultilineAttribute: asString,
  HtmlAttribute: asString,
  UrlAttribute: asString,
  DropdownAttribute: asString,
  IntAttribute: asLong,
  DecimalAttribute: asDecimal,
  BooleanAttribute: asBoolean,
  DateAttribute: asDate,
  MultiSelectAttribute: asList,
  MediaAttribute: asMedia,
  MediaGalleryAttribute: asMedia,
};

/**
 * The typed value of a filled attribute. A type that is not known passes as text if the value is text.
 * Throws ValueError when the value does not fit.
 */
export function customValue(label: string, typeClass: string | undefined, value: unknown): CustomValue {
  const convert = typeClass === undefined ? undefined : CONVERSIONS[typeClass];
  if (convert) return convert(value, label);
  if (typeof value === 'string') return { kind: 'string', string: value };
  const type = typeClass === undefined ? 'it has no definition' : `its type ${typeClass} is not known`;
  throw new ValueError(
    `${type} and its value is not text; name it in PLYTIX_IGNORED_ATTRIBUTES to leave it out`,
  );
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof JsonNumber)
    return String(value);
  throw new ValueError(`${shown(value)} is not text`);
}

function mediaId(value: unknown): string {
  const id = typeof value === 'string' ? value : (value as { id?: unknown } | null)?.id;
  if (typeof id !== 'string' || id === '')
    throw new ValueError(`${shown(value)} is not a reference to an asset`);
  return id;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
