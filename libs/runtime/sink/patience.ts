import { asFault, backoffMs, sleep } from '#connector-sdk';
import type { FaultKind, RetryPolicy, Sleep, SyncFault } from '#connector-sdk';
import type { Logger } from '#telemetry';
import { isLostOrContended } from '../commit/database-errors';

/** What passes by itself is tried again soon. */
const SOON: RetryPolicy = { attempts: Infinity, baseMs: 100, capMs: 10_000 };
/** What somebody must set right is looked at again now and then, so that it heals without a restart. */
const LATER: RetryPolicy = { attempts: Infinity, baseMs: 2_000, capMs: 60_000 };
/** The same trouble is told again after this time, not with every attempt. */
const REMIND_MS = 60_000;

const KINDS: ReadonlySet<unknown> = new Set<FaultKind>(['config', 'transient', 'rejected', 'system']);

/** What keeps a piece of work from going on, for people. */
export interface Trouble {
  fault: SyncFault;
  sinceMs: number;
}

/**
 * Repeats work until it succeeds or the signal stops it: nothing is skipped, so nothing is lost, and offsets
 * stay where they are meanwhile.
 */
export class Patience {
  private readonly troubles = new Set<Trouble>();

  constructor(
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
    private readonly wait: Sleep = sleep,
    private readonly now: () => number = Date.now,
  ) {}

  /** The oldest trouble that work is waiting for; null when all goes well. */
  get trouble(): Trouble | null {
    return this.troubles.values().next().value ?? null;
  }

  /** @throws the signal's reason when it is aborted; never what the work threw. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    let trouble: Trouble | null = null;
    let toldMs = -Infinity;
    try {
      for (let attempt = 1; ; attempt += 1) {
        this.signal.throwIfAborted();
        try {
          const result = await work();
          if (trouble !== null) this.tellRecovery(trouble);
          return result;
        } catch (error) {
          const fault = faultOf(error);
          trouble = this.note(trouble, fault);
          if (this.now() - toldMs >= REMIND_MS) {
            toldMs = this.now();
            this.tell(fault);
          }
          await this.wait(waitMs(fault, attempt), this.signal);
        }
      }
    } finally {
      if (trouble !== null) this.troubles.delete(trouble);
    }
  }

  private note(known: Trouble | null, fault: SyncFault): Trouble {
    const trouble = known ?? { fault, sinceMs: this.now() };
    trouble.fault = fault;
    this.troubles.add(trouble);
    return trouble;
  }

  private tell(fault: SyncFault): void {
    const fields = { code: fault.code, kind: fault.kind, err: fault.cause };
    if (fault.kind === 'transient')
      this.logger.warn(fields, `${fault.message}; it is tried again, nothing is lost`);
    else
      this.logger.error(fields, `${fault.message}; the sink waits until this is set right, nothing is lost`);
  }

  private tellRecovery({ fault, sinceMs }: Trouble): void {
    const seconds = ((this.now() - sinceMs) / 1000).toFixed(1);
    this.logger.info({ code: fault.code }, `going on after ${seconds} s: ${fault.message} is over`);
  }
}

/** The fault inside whatever a target, Kafka or the hub database threw. */
export function faultOf(error: unknown): SyncFault {
  if (error instanceof Error && 'kind' in error && KINDS.has(error.kind)) {
    const code = 'code' in error ? String(error.code) : 'unknown';
    return { kind: error.kind as FaultKind, code, message: error.message, cause: error };
  }
  if (isLostOrContended(error)) {
    return {
      kind: 'transient',
      code: 'hub_database',
      message: `using the hub database: ${String(error)}`,
      cause: error,
    };
  }
  return asFault(error);
}

function waitMs(fault: SyncFault, attempt: number): number {
  const policy = fault.kind === 'transient' ? SOON : LATER;
  return Math.max(fault.retryAfterMs ?? 0, backoffMs(policy, attempt, Math.random));
}
