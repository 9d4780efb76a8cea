import { describe } from './errors';
import type { AttributeValue, CustomValue, LocalisedText, MediaReference } from './types';

/** The shapes that an attribute's value can have; which one is the schema's to say. */
export type AttributeKind = 'string' | 'long' | 'boolean' | 'string_list' | 'media' | 'localised' | 'custom';

/** A value that does not fit its place. The message says what is wrong, without naming the attribute. */
export class ValueError extends Error {
  override name = 'ValueError';
}

/** Gives a value (never null) the form that its Avro type has. Throws a ValueError when it would lose something. */
export function toAvro(kind: AttributeKind, value: unknown): unknown {
  return WRITERS[kind](value);
}

/** The opposite of `toAvro`. Throws a ValueError for a kind of custom value that this release does not know. */
export function fromAvro(kind: AttributeKind, value: unknown): AttributeValue {
  if (kind === 'custom') return readCustomValue(value as AvroCustomValue);
  if (kind === 'media') return readMedia(value as MediaReference[]);
  return value as AttributeValue;
}

const WRITERS: Readonly<Record<AttributeKind, (value: unknown) => unknown>> = {
  string: writeText,
  long: writeLong,
  boolean: writeBoolean,
  string_list: writeList,
  media: writeMedia,
  localised: writeLocalised,
  custom: writeCustomValue,
};

type AvroCustomValue = { kind: string } & Record<CustomValue['kind'], unknown>;

/** Kind of a custom value → kind of what is in its one field. */
const CUSTOM_FIELDS: ReadonlyMap<string, Exclude<AttributeKind, 'custom'>> = new Map([
  ['string', 'string'],
  ['long', 'long'],
  ['decimal', 'string'],
  ['boolean', 'boolean'],
  ['date', 'string'],
  ['list', 'string_list'],
  ['media', 'media'],
] as const);

function writeCustomValue(value: unknown): AvroCustomValue {
  const given = asObject(value, 'a custom value');
  const kind = given['kind'];
  const field = typeof kind === 'string' ? CUSTOM_FIELDS.get(kind) : undefined;
  if (typeof kind !== 'string' || field === undefined) {
    throw new ValueError(`a custom value has a known kind, not ${describe(kind)}`);
  }
  onlyFields(given, ['kind', kind], `a custom value of kind ${kind}`);
  const written = emptyCustomValue(kind);
  written[kind as CustomValue['kind']] = toAvro(field, given[kind]);
  return written;
}

function emptyCustomValue(kind: string): AvroCustomValue {
  return {
    kind,
    string: null,
    long: null,
    decimal: null,
    boolean: null,
    date: null,
    list: null,
    media: null,
  };
}

function readCustomValue(value: AvroCustomValue): CustomValue {
  const field = CUSTOM_FIELDS.get(value.kind);
  const content = value[value.kind as CustomValue['kind']];
  if (field === undefined) throw new ValueError(`the kind ${JSON.stringify(value.kind)} is not known here`);
  if (content === null) throw new ValueError(`a custom value of kind ${value.kind} has none`);
  return { kind: value.kind, [value.kind]: fromAvro(field, content) } as unknown as CustomValue;
}

const MEDIA_FIELDS = ['asset_id', 'role', 'position', 'url'];

function writeMedia(value: unknown): MediaReference[] {
  return asList(value, 'a list of media references').map((entry) => {
    const reference = asObject(entry, 'a media reference');
    onlyFields(reference, MEDIA_FIELDS, 'a media reference');
    return {
      asset_id: writeText(reference['asset_id']),
      role: optional(reference['role'], writeText),
      position: optional(reference['position'], writeLong),
      url: optional(reference['url'], writeText),
    };
  });
}

function readMedia(references: MediaReference[]): MediaReference[] {
  return references.map(({ asset_id, role, position, url }) => ({ asset_id, role, position, url }));
}

function writeLocalised(value: unknown): LocalisedText {
  const texts = asObject(value, 'text by locale');
  for (const [locale, text] of Object.entries(texts)) {
    writeName(locale);
    writeText(text);
  }
  return texts as LocalisedText;
}

/** A name within a map. `__proto__` cannot be one: JavaScript readers would lose it. */
export function writeName(name: string): string {
  if (name === '' || name === '__proto__') throw new ValueError(`${describe(name)} cannot be a name`);
  return writeText(name);
}

/** A text that UTF-8 can carry: without a lone surrogate, which would silently become another character. */
export function writeText(value: unknown): string {
  if (typeof value !== 'string') throw new ValueError(`it is a text, not ${describe(value)}`);
  if (!isWellFormed(value)) throw new ValueError('the text has half of a surrogate pair');
  return value;
}

function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/**
 * What avsc 5.7 writes exactly: it doubles a number before it writes it, and so would silently lose the last bit
 * of some below -(2^52); the two numbers next to 2^53 it refuses.
 */
const LONGS = { smallest: -(2 ** 52), largest: 2 ** 53 - 2 };

function writeLong(value: unknown): number {
  if (Number.isInteger(value)) {
    const long = (value as number) + 0;
    if (long >= LONGS.smallest && long <= LONGS.largest) return long;
  }
  throw new ValueError(`it is a whole number from -2^52 up to 2^53, not ${describe(value)}`);
}

function writeBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ValueError(`it is true or false, not ${describe(value)}`);
}

function writeList(value: unknown): string[] {
  return asList(value, 'a list of texts').map(writeText);
}

function optional<T>(value: unknown, write: (value: unknown) => T): T | null {
  return value === null ? null : write(value);
}

function asList(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ValueError(`it is ${what}, not ${describe(value)}`);
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ValueError(`it is ${what}, not ${describe(value)}`);
}

function onlyFields(value: Record<string, unknown>, allowed: readonly string[], what: string): void {
  const stranger = Object.keys(value).find((field) => !allowed.includes(field));
  if (stranger !== undefined) throw new ValueError(`${what} has no field ${stranger}`);
}
