/** An outbox, publishers of it, and a subscriber that reads what they publish. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { HEADER, TopicNames } from '#contracts';
import type { EncodedRecord } from '#contracts';
import { KafkajsEventLog } from '#kafka';
import type { EventLog, Subscription } from '#kafka';
import { PublisherHost } from '#runtime';
import type { LeaseTimes, PublisherStep } from '#runtime';
import { countOutbox, insertOutbox } from '#store';
import type { Queryable } from '#store';
import { SpineDatabase } from '../support/spine-database';
import { waitFor } from '../support/wait-for';
import { ChildHost } from './hosts/child-host';

/** Short, yet long enough for a busy machine: a live host must not lose its lease in a test. */
export const TIMES: LeaseTimes = { ttlMs: 1_500, renewMs: 150 };
const logger = pino({ level: process.env['MILLRACE_LOG_LEVEL'] ?? 'silent' });

/** A host in the test's own process that can be held at a step. */
export interface LocalHost {
  host: PublisherHost;
  steps: PublisherStep[];
  /** Stands still when it comes to this step, until the function that this resolves with is called. */
  holdAt(step: PublisherStep): { reached: Promise<void>; release: () => void };
}

export class PublisherHarness {
  /** What a read_committed subscriber has seen, by partition, in order; repeats included. */
  readonly seen = new Map<number, string[]>();
  private readonly hosts: PublisherHost[] = [];
  private readonly children: ChildHost[] = [];
  private readonly held: (() => void)[] = [];
  private subscription: Subscription | null = null;

  private constructor(
    readonly db: SpineDatabase,
    readonly log: EventLog,
    private readonly brokers: string[],
    private prefix: string,
  ) {}

  /** `brokers`: of a Kafka of the suite's own. */
  static async create(brokers?: string[]): Promise<PublisherHarness> {
    const db = await SpineDatabase.create();
    const addresses = brokers ?? db.namespace.brokers;
    const { topicPrefix } = db.namespace;
    const log = new KafkajsEventLog({ brokers: addresses, clientId: topicPrefix }, logger);
    return new PublisherHarness(db, log, addresses, topicPrefix);
  }

  get topics(): TopicNames {
    return new TopicNames(this.prefix);
  }

  private get topic(): string {
    return this.topics.source('test', 'product');
  }

  /** Before each test: empty tables, a topic of two partitions and transactional ids of its own, a subscriber. */
  async begin(): Promise<void> {
    await this.db.query('truncate lease, outbox');
    this.prefix = `${this.db.namespace.topicPrefix}-${randomUUID().slice(0, 8)}`;
    this.seen.clear();
    const admin = await this.log.admin();
    await admin.ensureTopics([{ name: this.topic, partitions: 2, config: {} }]);
    await waitFor('the new topic to have leaders', () => admin.topicOffsets(this.topic));
    await admin.close();
    this.subscription = await this.log.read({ topics: [this.topic], from: 'earliest' }, (batch) => {
      const texts = this.seen.get(batch.partition) ?? [];
      for (const { value } of batch.records) texts.push(value!.toString());
      this.seen.set(batch.partition, texts);
      return Promise.resolve();
    });
  }

  /** After each test: all hosts ended, the topic gone. */
  async end(): Promise<void> {
    for (const release of this.held.splice(0)) release();
    await Promise.all(this.children.splice(0).map((child) => child.kill()));
    await Promise.all(this.hosts.splice(0).map((host) => host.stop()));
    await this.db.endClients();
    await this.subscription?.close();
    const admin = await this.log.admin();
    await admin.deleteTopics([this.topic]);
    await admin.close();
  }

  /** One outbox row: the records of one commit. Nobody is told. */
  async put(texts: readonly string[], shard = 0, db: Queryable = this.db.pool): Promise<void> {
    await insertOutbox(db, new Map([[shard, texts.map((text) => this.record(text, shard))]]));
  }

  private record(text: string, partition: number): EncodedRecord {
    return {
      topic: this.topic,
      partition,
      key: Buffer.from('key'),
      value: Buffer.from(text),
      headers: { [HEADER.ceId]: text },
      timestampMs: Date.now(),
    };
  }

  child(
    holder: string,
    options: { stopAt?: PublisherStep; shards?: number; times?: LeaseTimes } = {},
  ): ChildHost {
    const { stopAt, shards = 1, times = TIMES } = options;
    const { url: databaseUrl } = this.db;
    const { brokers, prefix: topicPrefix } = this;
    const child = ChildHost.start({ databaseUrl, brokers, topicPrefix, shards, holder, stopAt, ...times });
    this.children.push(child);
    return child;
  }

  /** Lets all leases run out on the database's clock, whatever their holders' clocks say. */
  async expireLeases(): Promise<void> {
    await this.db.query(`update lease set expires_at = clock_timestamp() - interval '1 ms'`);
  }

  async local(
    holder: string,
    options: { shards?: number; times?: LeaseTimes; url?: string } = {},
  ): Promise<LocalHost> {
    const steps: PublisherStep[] = [];
    const holds = new Map<PublisherStep, () => Promise<void>>();
    const databaseUrl = options.url ?? this.db.url;
    const host = new PublisherHost({
      pool: this.db.newPool(holder, { url: databaseUrl }),
      databaseUrl,
      log: this.log,
      topics: this.topics,
      shards: options.shards ?? 1,
      holder,
      logger,
      times: options.times ?? TIMES,
      onStep: (step) => {
        steps.push(step);
        return holds.get(step)?.();
      },
    });
    this.hosts.push(host);
    await host.start();
    return { host, steps, holdAt: (step) => this.keep(hold(holds, step)) };
  }

  private keep<T extends { release: () => void }>(held: T): T {
    this.held.push(held.release);
    return held;
  }

  async untilSeen(text: string, partition = 0): Promise<void> {
    await waitFor(`the subscriber to see ${text}`, () => this.seen.get(partition)?.includes(text));
  }

  async untilPublished(): Promise<void> {
    await waitFor('the outbox to be empty', async () => (await countOutbox(this.db.pool)) === 0);
  }

  async epoch(shard = 0): Promise<number> {
    const rows = await this.db.query<{ epoch: string }>('select epoch from lease where name = $1', [
      `publisher:${shard}`,
    ]);
    return Number(rows[0]?.epoch ?? 0);
  }

  drop(): Promise<void> {
    return this.db.drop();
  }
}

function hold(
  holds: Map<PublisherStep, () => Promise<void>>,
  step: PublisherStep,
): { reached: Promise<void>; release: () => void } {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) =>
    holds.set(step, () => {
      holds.delete(step);
      resolve();
      return released;
    }),
  );
  return { reached, release };
}
