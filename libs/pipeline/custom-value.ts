import type { AttributeValue, CustomValue, LocalisedText, MediaReference } from '#contracts';

const KINDS = new Set<unknown>(['string', 'long', 'decimal', 'boolean', 'date', 'list', 'media']);

/**
 * True for a CustomValue. Text by locale can never be taken for one, even with a locale named `kind`: a
 * CustomValue has exactly two fields, `kind` and the one that `kind` names.
 */
export function isCustomValue(value: AttributeValue): value is CustomValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return KINDS.has(value.kind) && Object.hasOwn(value, value.kind!) && Object.keys(value).length === 2;
}

/** What is in a CustomValue: the one field that is filled. */
export function contentOf(value: CustomValue): string | number | boolean | string[] | MediaReference[] {
  switch (value.kind) {
    case 'string':
      return value.string;
    case 'long':
      return value.long;
    case 'decimal':
      return value.decimal;
    case 'boolean':
      return value.boolean;
    case 'date':
      return value.date;
    case 'list':
      return value.list;
    case 'media':
      return value.media;
  }
}

/** A vendor's value without its wrapping; all else as it is. */
export function unwrapped(value: AttributeValue): Exclude<AttributeValue, CustomValue> | LocalisedText {
  return isCustomValue(value) ? contentOf(value) : (value as Exclude<AttributeValue, CustomValue>);
}

export function isTextList(value: AttributeValue): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isMediaList(value: AttributeValue): value is MediaReference[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}

export function isLocalisedText(value: AttributeValue): value is LocalisedText {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || isCustomValue(value))
    return false;
  return Object.values(value).every((text) => typeof text === 'string');
}
