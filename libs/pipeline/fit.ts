import type { AttributeValue, CustomValue } from '#contracts';
import type { AttributeType } from './attribute-catalogue';
import { isCustomValue, isLocalisedText, isMediaList, isTextList, unwrapped } from './custom-value';
import { DECIMAL, decimalText, isDay } from './decimal';

/** A value in the shape that an attribute needs, or why it does not fit. */
export type Fit = { value: AttributeValue } | { misfit: string };

/** What a value of a type is called in messages. */
const NEEDED: Record<AttributeType, string> = {
  string: 'text',
  date: 'a day as YYYY-MM-DD',
  string_list: 'a list of texts',
  media: 'references to assets',
  localised: 'text by locale',
  custom: 'a plain value',
};

/**
 * Brings a vendor's value into the shape that an attribute needs: unwrapped for named attributes, wrapped for
 * those in `custom`, `inventory` and `price`. Nothing is lost or guessed: a number or date becomes text digit
 * by digit, but a list does not become text, nor a single text a list. null fits everywhere.
 */
export function fit(type: AttributeType, value: AttributeValue): Fit {
  if (value === null) return { value };
  const damage = isCustomValue(value) ? damaged(value) : null;
  if (damage !== null) return { misfit: damage };
  if (type === 'custom') return wrap(value);
  const plain = unwrapped(value);
  if (type === 'string' && typeof plain === 'string') return { value: plain };
  if (type === 'string' && typeof plain === 'number' && Number.isFinite(plain))
    return { value: decimalText(plain) };
  if (type === 'date' && typeof plain === 'string' && isDay(plain)) return { value: plain };
  if (type === 'string_list' && isTextList(plain)) return { value: plain };
  if (type === 'media' && isMediaList(plain)) return { value: plain };
  if (type === 'localised' && isLocalisedText(plain)) return { value: plain };
  return { misfit: `${describe(value)} came, but ${NEEDED[type]} is needed` };
}

function wrap(value: Exclude<AttributeValue, null>): Fit {
  if (isCustomValue(value)) return { value };
  if (typeof value === 'string') return { value: { kind: 'string', string: value } };
  if (typeof value === 'boolean') return { value: { kind: 'boolean', boolean: value } };
  if (typeof value === 'number') return wrapNumber(value);
  if (isTextList(value)) return { value: { kind: 'list', list: value } };
  if (isMediaList(value)) return { value: { kind: 'media', media: value } };
  return { misfit: `${describe(value)} came, but ${NEEDED.custom} is needed` };
}

function wrapNumber(value: number): Fit {
  if (Number.isSafeInteger(value)) return { value: { kind: 'long', long: value } };
  if (Number.isFinite(value)) return { value: { kind: 'decimal', decimal: decimalText(value) } };
  return { misfit: 'a number that is not finite came' };
}

/** Why a CustomValue is not what its kind says; null when it is. */
function damaged(value: CustomValue): string | null {
  switch (value.kind) {
    case 'string':
      return typeof value.string === 'string' ? null : 'a text that is no text came';
    case 'long':
      return Number.isSafeInteger(value.long) ? null : 'a whole number that is too large or not whole came';
    case 'decimal':
      return DECIMAL.test(value.decimal) ? null : 'a decimal that is no number came';
    case 'boolean':
      return typeof value.boolean === 'boolean' ? null : 'a yes or no that is neither came';
    case 'date':
      return isDay(value.date) ? null : 'a date that is no day as YYYY-MM-DD came';
    case 'list':
      return isTextList(value.list) ? null : 'a list of something else than texts came';
    case 'media':
      return isMediaList(value.media) ? null : 'references to assets that are none came';
  }
}

/** What kind of value this is, for messages: "a list", "text". */
export function describe(value: AttributeValue): string {
  const plain = unwrapped(value);
  if (plain === null) return 'nothing';
  if (typeof plain === 'string')
    return isCustomValue(value) && value.kind !== 'string' ? `a ${value.kind}` : 'text';
  if (typeof plain === 'number') return 'a number';
  if (typeof plain === 'boolean') return 'yes or no';
  if (isTextList(plain)) return 'a list';
  return isMediaList(plain) ? 'a list of references to assets' : 'an object';
}
