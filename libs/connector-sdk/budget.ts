/** Rate budget: how many calls a vendor allows in each of several sliding windows, shared by all calls of a client. */
import { sleep as realSleep } from './sleep';
import type { Sleep } from './sleep';

/** At most `limit` calls in any `windowMs` milliseconds. */
export interface RateWindow {
  limit: number;
  windowMs: number;
}

export interface RateBudgetOptions {
  /** No windows: no limit. */
  windows: readonly RateWindow[];
  /** Milliseconds since the epoch. */
  now(): number;
  sleep?: Sleep;
  /** Called when a call has to wait for more than `LONG_WAIT_MS`; once for each wait. */
  onLongWait?(waitMs: number): void;
}

/** Waits longer than this are worth a line in the log. */
export const LONG_WAIT_MS = 10_000;

/** Added to each window, since calls that leave ten seconds apart may arrive a little closer together. */
const MARGIN_MS = 100;

/** How many refusals in a row are taken for the short window's, before the longest one is assumed. */
const SHORT_REFUSALS = 3;

const FIRST_PAUSE_MS = 1_000;
const SHORT_PAUSE_CAP_MS = 10_000;
const LONGEST_DEFAULT_PAUSE_MS = 60_000;

/** Counts calls and makes them wait. Waiting ends at once when the caller's signal is aborted. */
export class RateBudget {
  private windows: readonly RateWindow[];
  /** Times of past calls, oldest first, as many as the largest window needs. */
  private calls: number[] = [];
  private blockedUntilMs = 0;
  private refusals = 0;
  private readonly options: RateBudgetOptions;
  private readonly sleep: Sleep;

  constructor(options: RateBudgetOptions) {
    this.options = options;
    this.windows = options.windows;
    this.sleep = options.sleep ?? realSleep;
  }

  /** Replaces the windows, for instance by those that the vendor's token names. Past calls stay counted. */
  setWindows(windows: readonly RateWindow[]): void {
    this.windows = windows;
  }

  /** Resolves when a call may be made, and counts it. */
  async take(signal: AbortSignal): Promise<void> {
    let warned = false;
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.waitMs();
      if (waitMs <= 0) break;
      if (waitMs > LONG_WAIT_MS && !warned) this.options.onLongWait?.(waitMs);
      warned ||= waitMs > LONG_WAIT_MS;
      await this.sleep(waitMs, signal);
    }
    this.count();
  }

  /**
   * The vendor refused a call for its rate (429). All calls wait: as long as it said, else one second and then
   * longer; after three refusals in a row its longest window is assumed to be spent. Returns the wait in ms.
   */
  refused(retryAfterMs?: number): number {
    this.refusals += 1;
    const pauseMs = retryAfterMs ?? this.guessedPauseMs();
    this.blockedUntilMs = Math.max(this.blockedUntilMs, this.options.now() + pauseMs);
    return pauseMs;
  }

  /** The vendor answered: a later refusal starts to count anew. */
  accepted(): void {
    this.refusals = 0;
  }

  /** Calls made in each window up to now. */
  usage(): readonly (RateWindow & { used: number })[] {
    const now = this.options.now();
    return this.windows.map((window) => ({
      ...window,
      used: this.calls.filter((at) => at > now - window.windowMs).length,
    }));
  }

  private waitMs(): number {
    const now = this.options.now();
    const waits = this.windows.map(({ limit, windowMs }) => {
      const blocking = this.calls[this.calls.length - limit];
      return blocking === undefined ? 0 : blocking + windowMs + MARGIN_MS - now;
    });
    return Math.max(0, this.blockedUntilMs - now, ...waits);
  }

  private count(): void {
    const most = Math.max(0, ...this.windows.map(({ limit }) => limit));
    if (most === 0) return;
    this.calls.push(this.options.now());
    if (this.calls.length > 2 * most) this.calls = this.calls.slice(-most);
  }

  private guessedPauseMs(): number {
    if (this.refusals <= SHORT_REFUSALS) {
      return Math.min(SHORT_PAUSE_CAP_MS, FIRST_PAUSE_MS * 2 ** (this.refusals - 1));
    }
    const longest = this.windows.reduce((a, b) => Math.max(a, b.windowMs), 0);
    if (longest === 0) return LONGEST_DEFAULT_PAUSE_MS;
    const now = this.options.now();
    const oldest = this.calls.find((at) => at > now - longest) ?? now;
    return Math.max(SHORT_PAUSE_CAP_MS, oldest + longest + MARGIN_MS - now);
  }
}
