import { formatNumber } from './number';
import { formatDuration } from './time';

const FULL = '█';
const EMPTY = '░';

/** A bar of `width` characters. Full only when all is done, empty only when nothing is. */
export function progressBar(done: number, total: number, width = 20): string {
  if (total <= 0) return EMPTY.repeat(width);
  const share = Math.min(1, Math.max(0, done / total));
  const filled =
    share === 1 ? width : Math.min(width - 1, Math.max(share > 0 ? 1 : 0, Math.floor(share * width)));
  return FULL.repeat(filled) + EMPTY.repeat(width - filled);
}

export interface Progress {
  done: number;
  /** null where nobody knows. */
  total: number | null;
  /** Since the work began, or was taken up again. */
  elapsedMs: number;
  /** What was done before that: it tells nothing of the rate. */
  doneBefore?: number;
}

/** `████░░  1,904 / 3,300 · 410/s · 3 s left`; without a total only what was done, and the rate. */
export function formatProgress({ done, total, elapsedMs, doneBefore = 0 }: Progress, width = 20): string {
  const rate = elapsedMs > 0 ? ((done - doneBefore) * 1000) / elapsedMs : 0;
  const pace = rate >= 1 ? [`${formatNumber(rate)}/s`] : [];
  if (total === null) return [formatNumber(done), ...pace].join(' · ');
  const left = rate > 0 && total > done ? [`${formatDuration(((total - done) / rate) * 1000)} left`] : [];
  const counts = `${formatNumber(done)} / ${formatNumber(total)}`;
  return `${progressBar(done, total, width)}  ${[counts, ...pace, ...left].join(' · ')}`;
}
