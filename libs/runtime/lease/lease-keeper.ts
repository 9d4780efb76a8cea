/**
 * Takes leases and keeps them alive. A lease says who may do a piece of work that only one may do at a time;
 * it is the row in PostgreSQL that decides, under its epoch, not what a process believes of itself.
 */
import { confirmLease, releaseLease, takeLease } from '#store';
import type { HeldLease } from '#store';
import type { Logger } from '#telemetry';
import type { Pool } from 'pg';

export interface LeaseTimes {
  /** How long a holder may be silent before another takes over. */
  ttlMs: number;
  /** How often the holder renews, and a candidate asks. */
  renewMs: number;
}

export const DEFAULT_LEASE_TIMES: LeaseTimes = { ttlMs: 6_000, renewMs: 2_000 };

export interface LeaseWork {
  name: string;
  /**
   * The work, from take-over to loss. Ends soon after `signal` is aborted. Throwing gives the lease back; `done`
   * gives it back for good.
   */
  run(lease: HeldLease, signal: AbortSignal): Promise<void | 'done'>;
  /** Called after each renewal; the publisher looks whether somebody has committed without waking it. */
  onRenewed?(): void;
}

/** Runs `work` whenever this process can have its lease, until it is stopped. */
export class LeaseKeeper {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly holder: string,
    private readonly work: LeaseWork,
    private readonly logger: Logger,
    private readonly times: LeaseTimes = DEFAULT_LEASE_TIMES,
  ) {}

  start(): void {
    this.loop ??= this.keep();
  }

  /** Ends the work in order and gives the lease back, so that another process takes over at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async keep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        const lease = await takeLease(this.pool, this.work.name, this.holder, this.times.ttlMs);
        if (lease && (await this.hold(lease)) === 'done') return;
      } catch (error) {
        this.logger.warn({ err: error, lease: this.work.name }, 'working under a lease: it begins again');
      }
      await pause(this.times.renewMs, this.stopping.signal);
    }
  }

  private async hold(lease: HeldLease): Promise<void | 'done'> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.stopping.signal]);
    const renewing = this.renew(lease, lost);
    try {
      return await this.work.run(lease, signal);
    } finally {
      lost.abort();
      await renewing;
      await releaseLease(this.pool, lease).catch(() => undefined);
    }
  }

  private async renew(lease: HeldLease, lost: AbortController): Promise<void> {
    // Until the lease has run out by our own clock nobody else can have it. A timer, not a look after each
    // answer: a database behind a dead network gives none, and a process that was stopped finds out at once.
    const runOut = setTimeout(() => lost.abort(), this.times.ttlMs);
    while (!lost.signal.aborted) {
      await pause(this.times.renewMs, lost.signal);
      if (lost.signal.aborted) break;
      try {
        if (await confirmLease(this.pool, lease, this.times.ttlMs)) {
          runOut.refresh();
          this.work.onRenewed?.();
        } else lost.abort();
      } catch (error) {
        this.logger.debug({ err: error, lease: lease.name }, 'renewing a lease');
      }
    }
    clearTimeout(runOut);
  }
}

/** Waits, or returns at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
