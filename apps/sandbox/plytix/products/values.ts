import { isJsonObject } from '../../http/answer';
import type { Json } from '../../http/answer';
import { unrecorded } from '../choices';
import type { Attribute, StoredValue } from '../model';
import type { PlytixStore } from '../store';
import { isDate } from '../times';

/** A value as it will be stored (null: cleared), or why it is refused. */
export type Checked = { ok: true; value: StoredValue | null } | { ok: false; msg: string };

const ok = (value: StoredValue | null): Checked => ({ ok: true, value });
const refused = (msg: string): Checked => ({ ok: false, msg });

/** Checks the value that a client writes to a custom attribute. null, an empty text and an empty list clear it. */
export function checkValue(store: PlytixStore, attribute: Attribute, value: Json): Checked {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return ok(null);
  switch (attribute.type_class) {
    case 'TextAttribute':
    case 'MultilineAttribute':
    case 'HtmlAttribute':
      return typeof value === 'string' ? ok(value) : refused(unrecorded.notString);
    case 'IntAttribute':
      return checkInteger(value);
    case 'DecimalAttribute':
      return checkDecimal(value);
    case 'DropdownAttribute':
      return typeof value === 'string'
        ? checkOptions(attribute, [value], value)
        : refused(unrecorded.notString);
    case 'MultiSelectAttribute':
      return isTextList(value) ? checkOptions(attribute, value, value) : refused(unrecorded.notList);
    case 'DateAttribute':
      // A time of day is refused (seen live).
      return typeof value === 'string' && isDate(value) ? ok(value) : refused(unrecorded.notDate);
    case 'UrlAttribute':
      return typeof value === 'string' && URL.canParse(value) ? ok(value) : refused(unrecorded.notUrl);
    case 'BooleanAttribute':
      return typeof value === 'boolean' ? ok(value) : refused(unrecorded.notBoolean);
    case 'MediaAttribute':
      return checkMedia(store, [value], false);
    case 'MediaGalleryAttribute':
      return Array.isArray(value) ? checkMedia(store, value, true) : refused(unrecorded.notList);
    case 'CompletenessAttribute':
      return refused(unrecorded.readOnlyAttribute);
  }
}

/** At most 16 characters (help centre). */
function checkInteger(value: Json): Checked {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  const valid = /^-?\d{1,16}$/.test(text) && text.length <= 16 && Number.isSafeInteger(Number(text));
  return valid ? ok(Number(text)) : refused(unrecorded.notInteger);
}

function checkDecimal(value: Json): Checked {
  if (typeof value === 'number') return ok(value);
  const valid = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return valid ? ok(Number(value)) : refused(unrecorded.notDecimal);
}

/** Options are never added by a write. The message prints them as Python 2 does. */
function checkOptions(attribute: Attribute, chosen: readonly string[], value: StoredValue): Checked {
  const unknown = chosen.filter((option) => !attribute.options.includes(option));
  if (unknown.length === 0) return ok(Array.isArray(value) ? [...new Set(value)] : value);
  const printed = unknown.map((option) => `u'${option}'`).join(', ');
  return refused(`[${printed}] are not a valid values for ${attribute.name} attribute.`);
}

function checkMedia(store: PlytixStore, media: readonly Json[], many: boolean): Checked {
  const ids: string[] = [];
  for (const medium of media) {
    const id = isJsonObject(medium) ? medium['id'] : undefined;
    if (typeof id !== 'string') return refused(unrecorded.notMedia);
    if (!store.assets.has(id)) return refused(`Asset id ${id} does not exist`);
    ids.push(id);
  }
  return ok(many ? [...new Set(ids)] : ids[0]!);
}

function isTextList(value: Json): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A GTIN of 8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications, 7.9). */
export function isGtin(text: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false;
  return gtinCheckDigit(text.slice(0, -1)) === text.slice(-1);
}

/** The check digit for all digits but the last. */
export function gtinCheckDigit(digits: string): string {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    sum += Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}
