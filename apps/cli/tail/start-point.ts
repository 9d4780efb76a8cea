import { InvalidArgumentError } from 'commander';
import type { StartPoint } from './tail.types';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/**
 * Reads `beginning`, `now`, an offset, or an ISO 8601 time. A time without a zone is local, as on the screen;
 * a day alone is its local midnight.
 */
export function parseStartPoint(text: string): StartPoint {
  if (text === 'beginning' || text === 'now') return { at: text };
  if (/^\d{1,18}$/.test(text)) return { at: 'offset', offset: BigInt(text) };
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00`) : MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return { at: 'time', ms };
  throw new InvalidArgumentError('It must be beginning, now, an offset, or a time such as 2026-11-01T08:30.');
}
