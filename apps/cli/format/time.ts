const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span for people, in its two largest units: `0.4 s`, `41 s`, `3 m 12 s`, `2 h 04 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 9_950) return `${(span / SECOND).toFixed(1)} s`;
  if (span < MINUTE - 500) return `${Math.round(span / SECOND)} s`;
  if (span < HOUR) return pair(span, MINUTE, 'm', SECOND, 's', 2);
  if (span < DAY) return pair(span, HOUR, 'h', MINUTE, 'm', 2);
  return pair(span, DAY, 'd', HOUR, 'h', 1);
}

function pair(
  span: number,
  big: number,
  bigUnit: string,
  small: number,
  smallUnit: string,
  digits: number,
): string {
  const smalls = Math.max(Math.floor(span / small), big / small);
  const perBig = big / small;
  return `${Math.floor(smalls / perBig)} ${bigUnit} ${String(smalls % perBig).padStart(digits, '0')} ${smallUnit}`;
}

/** How long ago: `3 s ago`, `just now` below one second and for clocks that run ahead. */
export function formatAge(sinceMs: number, nowMs: number): string {
  const age = nowMs - sinceMs;
  return age < SECOND
    ? 'just now'
    : `${formatDuration(Math.floor(age / SECOND) * SECOND).replace(/\.0 s$/, ' s')} ago`;
}

/** Local time of day with milliseconds: `12:04:31.207`. */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Local day and time: `2026-11-21 12:04`. */
export function formatMoment(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
