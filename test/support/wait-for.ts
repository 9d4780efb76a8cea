/** Waits for a condition instead of for time: the one place where tests look again. */

export interface WaitOptions {
  /** Default 20 s. */
  timeoutMs?: number;
  everyMs?: number;
}

/**
 * Resolves with the first value of `look` that is neither null, undefined nor false. Rejects when none came in
 * time, and says what was waited for; an error of `look` counts as "not yet" and is told then.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { timeoutMs = 20_000, everyMs = 40 }: WaitOptions = {},
): Promise<T> {
  const until = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) {
      const cause = last instanceof Error ? ` (${last.message})` : '';
      throw new Error(`waiting for ${what}: it did not come within ${timeoutMs} ms${cause}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
