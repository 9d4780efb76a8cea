/**
 * JSON without loss of digits. `JSON.parse` turns 1.10 into 1.1 and cuts what a double cannot hold; a price or a
 * weight must arrive as it was written.
 */

/** A number whose text a JavaScript number would not give back. */
export class JsonNumber {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}

/** Strings (skipped) or numbers (looked at) of a JSON text. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON; numbers that would lose digits become `JsonNumber`. Throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  // Only an already valid text is rewritten: the pattern relies on it.
  let marker = '';
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    marker ||= unusedMarker(parsed);
    return `"${marker}${token}"`;
  });
  if (marker === '') return parsed;
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(marker)
      ? new JsonNumber(value.slice(marker.length))
      : value,
  );
}

/** A prefix that no string of the answer has, whatever a hostile vendor writes. */
function unusedMarker(parsed: unknown): string {
  let n = 0;
  while (containsString(parsed, `number~${n}~`)) n += 1;
  return `number~${n}~`;
}

function containsString(value: unknown, prefix: string): boolean {
  if (typeof value === 'string') return value.startsWith(prefix);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some((inner) => containsString(inner, prefix));
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** No real attribute has more; a text such as 1e999999999 must not fill the memory. */
const MOST_DIGITS = 400;

/**
 * The canonical text of a decimal that came as JSON number or as text: no exponent, no plus, no superfluous zeros
 * before the point; digits after it stay ("12.50" stays "12.50"). null when it is not a decimal.
 */
export function decimalText(value: unknown): string | null {
  if (typeof value !== 'number' && typeof value !== 'string' && !(value instanceof JsonNumber)) return null;
  const match = DECIMAL.exec(String(value).trim());
  if (!match) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_DIGITS) return null;
  const digits = shift >= 0 ? whole + fraction.padEnd(shift, '0') : whole.padStart(1 - shift, '0') + fraction;
  const point = shift >= 0 ? whole.length + shift : Math.max(whole.length, 1 - shift) + shift;
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const rest = digits.slice(point);
  const text = rest === '' ? integer : `${integer}.${rest}`;
  return sign === '-' && /[1-9]/.test(text) ? `-${text}` : text;
}
