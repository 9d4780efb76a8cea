/** At most `limit` requests in any `windowMs`. */
export interface RateWindow {
  limit: number;
  windowMs: number;
}

/** Plans with published numbers (help centre, older capture): per 10 seconds and per hour. */
export const RATE_PLANS = {
  off: [],
  free: [
    { limit: 20, windowMs: 10_000 },
    { limit: 2000, windowMs: 3_600_000 },
  ],
  pro: [
    { limit: 50, windowMs: 10_000 },
    { limit: 5000, windowMs: 3_600_000 },
  ],
} as const satisfies Record<string, readonly RateWindow[]>;
export type RatePlan = keyof typeof RATE_PLANS;

/** Requests per second at the token endpoint (seen live). */
export const AUTH_WINDOW: RateWindow = { limit: 8, windowMs: 1000 };

/** Sliding windows over the accepted requests of one key. */
export class RateLimiter {
  private readonly accepted: number[][];

  constructor(
    private readonly windows: readonly RateWindow[],
    private readonly now: () => number = Date.now,
  ) {
    this.accepted = windows.map(() => []);
  }

  /** Accepts a request (null), or says after how many milliseconds the next one would be accepted. */
  admit(): number | null {
    const now = this.now();
    let waitMs = 0;
    for (const [index, { limit, windowMs }] of this.windows.entries()) {
      const times = this.accepted[index]!;
      const firstInside = times.findIndex((time) => time > now - windowMs);
      times.splice(0, firstInside < 0 ? times.length : firstInside);
      if (times.length >= limit) waitMs = Math.max(waitMs, times[0]! + windowMs - now);
    }
    if (waitMs > 0) return waitMs;
    for (const times of this.accepted) times.push(now);
    return null;
  }
}
