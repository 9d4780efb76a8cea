/**
 * Complete passes over the products by numbered pages. Two things make that hard: more than 10,000 matches cannot
 * be ordered, so the range of creation days is cut until they can; and a deletion moves later rows to the left.
 */
import type { Filter } from './plytix.client';
import type { Slice, WalkPosition } from './plytix.offset';
import { dayOf } from './plytix.times';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Nothing in Plytix is older; only where cutting begins, older products are in the first window all the same. */
const OLDEST_DAY = '2012-01-01';

/** The beginning of a pass. */
export function startWalk(): WalkPosition {
  return { slices: [{ from: null, to: null, ordered: true }], page: 1, count: null };
}

/** The filter that a window of creation days stands for. `created` never changes, so no product changes its window. */
export function sliceFilter({ from, to }: Slice): Filter[] {
  return [
    ...(from === null ? [] : [{ field: 'created', operator: 'gte', value: from } as const]),
    ...(to === null ? [] : [{ field: 'created', operator: 'lt', value: to } as const]),
  ];
}

/** The position after the current window. */
export function nextSlice(at: WalkPosition): WalkPosition {
  return { slices: at.slices.slice(1), page: 1, count: null };
}

/**
 * The position after a page. If the number of matches has dropped by k since the page before, up to k rows have
 * moved to the left over the page's edge unseen: as many pages are read again. Rows read twice do no harm.
 */
export function nextPage(
  at: WalkPosition,
  page: { rows: number; count: number },
  pageSize: number,
): WalkPosition {
  const dropped = at.count === null ? 0 : Math.max(0, at.count - page.count);
  if (dropped > 0 && at.page > 1) {
    const back = Math.ceil(dropped / pageSize);
    return { ...at, page: Math.max(1, at.page - back), count: page.count };
  }
  const isLast = page.rows === 0 || at.page * pageSize >= page.count;
  return isLast ? nextSlice(at) : { ...at, page: at.page + 1, count: page.count };
}

/** The position with the current window cut in two; a single day that is still too much is read unordered. */
export function splitSlice(at: WalkPosition, nowMs: number): WalkPosition {
  const [slice, ...rest] = at.slices;
  if (!slice) return at;
  const from = Date.parse(slice.from ?? OLDEST_DAY);
  const to = Date.parse(slice.to ?? dayOf(nowMs + 2 * DAY_MS));
  const halves: Slice[] = [];
  if (to - from <= DAY_MS) halves.push({ ...slice, ordered: false });
  else {
    const middle = dayOf(from + Math.floor((to - from) / 2 / DAY_MS) * DAY_MS);
    halves.push({ ...slice, to: middle }, { ...slice, from: middle });
  }
  return { slices: [...halves, ...rest], page: 1, count: null };
}
