/** A decimal number as canonical text: no exponent, no plus sign, all its digits. */
export const DECIMAL = /^-?\d+(\.\d+)?$/;

/**
 * Moves the point of a decimal by `places` to the right (to the left when negative), exactly: no digit is lost
 * or invented but zeros. `shiftDecimal("1.250", 3)` is `"1250"`, `shiftDecimal("5", -3)` is `"0.005"`.
 */
export function shiftDecimal(decimal: string, places: number): string {
  const sign = decimal.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = decimal.slice(sign.length).split('.');
  const point = whole.length + places;
  const padded = '0'.repeat(Math.max(0, 1 - point)) + whole + fraction;
  const at = Math.max(point, 1);
  const filled = padded.padEnd(at, '0');
  const newWhole = filled.slice(0, at).replace(/^0+(?=\d)/, '');
  const newFraction = filled.slice(at);
  return `${sign}${newWhole}${newFraction === '' ? '' : `.${newFraction}`}`;
}

/** A finite number as decimal text: `1e-7` is `"0.0000001"`. */
export function decimalText(value: number): string {
  const [digits = '0', exponent] = String(value).split('e');
  return exponent === undefined ? digits : shiftDecimal(digits, Number(exponent));
}

/** True for a day that exists, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
