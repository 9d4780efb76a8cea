/** Waiting that a stop interrupts. */
import { setTimeout as timeout } from 'node:timers/promises';

/** The longest delay a Node timer takes; anything above would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits `ms` milliseconds; rejects with an AbortError as soon as `signal` is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** `Sleep` on the real clock. */
export const sleep: Sleep = async (ms, signal) => {
  await timeout(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), undefined, { signal });
};
