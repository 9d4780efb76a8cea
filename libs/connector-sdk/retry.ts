/** When and how long to wait before a call is made again. */
import type { SyncFault } from './contract';

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  attempts: number;
  /** Wait before the second attempt; doubled for each one after. Milliseconds. */
  baseMs: number;
  /** The longest wait that is computed; what a vendor asks for (`Retry-After`) may be longer. Milliseconds. */
  capMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseMs: 500, capMs: 30_000 };

/** Faults after which it is known that the vendor did not act on the call, so that any call may be repeated. */
const NOT_ACTED_UPON = new Set(['http_429', 'connection_refused']);

/**
 * True when the call is worth another attempt. A call that is not repeatable (a create) is repeated only where
 * the vendor cannot have acted upon it.
 */
export function isRetriable(fault: SyncFault, repeatable: boolean): boolean {
  if (fault.kind !== 'transient' || fault.code === 'aborted') return false;
  return repeatable || NOT_ACTED_UPON.has(fault.code);
}

/**
 * Wait before attempt `attempt + 1`, in milliseconds: exponential, and jittered between a half and the whole so
 * that clients that failed together do not return together.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const whole = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(whole * (0.5 + random() / 2));
}

/**
 * The `Retry-After` header as milliseconds from now: a number of seconds or an HTTP date (RFC 9110, 10.2.3).
 * undefined when it is missing or makes no sense.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
