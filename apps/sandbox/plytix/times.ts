/** Plytix prints times with six digits after the second, of which it fills three. */
const microseconds = (ms: number): string => new Date(ms).toISOString().replace('Z', '000');

/** v2: naive, to be read as UTC: `2025-01-31T19:14:05.414000` (recorded). */
export function v2Time(ms: number): string {
  return microseconds(ms);
}

/** v1: with the offset: `2018-10-30T12:20:57.437000+00:00` (documented). */
export function v1Time(ms: number): string {
  return `${microseconds(ms)}+00:00`;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** True for an existing day as `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Milliseconds of a date (its midnight in UTC) or of a date with time (UTC unless it says otherwise); null for anything else. */
export function parseInstant(text: string): { ms: number; dateOnly: boolean } | null {
  if (isDate(text)) return { ms: Date.parse(`${text}T00:00:00Z`), dateOnly: true };
  const match = DATE_TIME.exec(text);
  if (!match || !isDate(text.slice(0, 10))) return null;
  const ms = Date.parse(match[3] ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : { ms, dateOnly: false };
}
