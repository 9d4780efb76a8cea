/**
 * Hosts the publishers of all shards in one process: each runs while this process has the shard's lease. Any
 * number of processes may host them; a shard has one live publisher at a time.
 */
import type { TopicNames } from '#contracts';
import type { EventLog } from '#kafka';
import type { Logger } from '#telemetry';
import type { Pool } from 'pg';
import { DEFAULT_LEASE_TIMES, LeaseKeeper } from '../lease/lease-keeper';
import type { LeaseTimes } from '../lease/lease-keeper';
import { CommitBell } from './commit-bell';
import { ShardPublisher } from './shard-publisher';
import type { ShardPublisherOptions } from './shard-publisher';
import { WakeSignal } from './wake-signal';

export interface PublisherHostOptions {
  pool: Pool;
  databaseUrl: string;
  log: EventLog;
  topics: TopicNames;
  shards: number;
  /** Unique to this process. */
  holder: string;
  logger: Logger;
  times?: LeaseTimes;
  onStep?: ShardPublisherOptions['onStep'];
}

/** Name of a shard's lease; the prefix keeps installations apart that share a database. */
export const publisherLease = (shard: number): string => `publisher:${shard}`;

export class PublisherHost {
  private readonly wakes: readonly WakeSignal[];
  private readonly keepers: readonly LeaseKeeper[];
  private readonly bell: CommitBell;

  constructor(options: PublisherHostOptions) {
    const times = options.times ?? DEFAULT_LEASE_TIMES;
    this.wakes = Array.from({ length: options.shards }, () => new WakeSignal());
    this.keepers = this.wakes.map((wake, shard) => {
      const publisher = new ShardPublisher({
        pool: options.pool,
        log: options.log,
        shard,
        transactionalId: options.topics.transactionalId(shard),
        leaseTtlMs: times.ttlMs,
        wake,
        logger: options.logger,
        onStep: options.onStep,
      });
      const work = {
        name: publisherLease(shard),
        run: publisher.run.bind(publisher),
        // A process that dies between its commit and its ring wakes nobody: look at each renewal too.
        onRenewed: () => wake.wake(),
      };
      return new LeaseKeeper(options.pool, options.holder, work, options.logger, times);
    });
    this.bell = new CommitBell(options.databaseUrl, options.logger, (shards) => this.wake(shards));
  }

  async start(): Promise<void> {
    await this.bell.start();
    for (const keeper of this.keepers) keeper.start();
  }

  /** Wakes the publishers of these shards, here and in every other process. Pass it to the committer. */
  readonly ring = (shards: readonly number[]): void => {
    this.wake(shards);
    this.bell.ring(shards);
  };

  async stop(): Promise<void> {
    await Promise.all(this.keepers.map((keeper) => keeper.stop()));
    await this.bell.stop();
  }

  private wake(shards: readonly number[]): void {
    for (const shard of shards) this.wakes[shard]?.wake();
  }
}
