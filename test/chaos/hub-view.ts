/** A hub of other processes, seen from outside: its tables, the lag of its groups, its topics. */
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { pino } from 'pino';
import type { SystemName } from '#contracts';
import { HubContext, readSettings } from '#runtime';
import { readTopic } from '../support/topic-reader';
import type { SeenRecord } from '../support/topic-reader';
import { topicViolations } from '../support/topic-invariants';
import { waitFor } from '../support/wait-for';
import { repeatViolations } from './repeat-violations';

const ENTITIES = ['product', 'variant'] as const;
const SINK_GROUP = 'sink.postgres';

/** One statement on a connection of its own, so that a server that was killed is found as soon as it is back. */
export async function queryOnce<Row extends QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export class HubView {
  private constructor(
    readonly hub: HubContext,
    private readonly systems: readonly SystemName[],
  ) {}

  /** @param env the environment of the hub's apps */
  static async open(env: NodeJS.ProcessEnv, systems: readonly SystemName[]): Promise<HubView> {
    return new HubView(await HubContext.open(readSettings('test', env), pino({ level: 'silent' })), systems);
  }

  close(): Promise<void> {
    return this.hub.close();
  }

  /** Waits until whatever the sources have committed is published, folded, published again and written. */
  async quiet(timeoutMs = 60_000): Promise<void> {
    await this.published(timeoutMs);
    await this.consumed('catalog', this.sourceTopics(), timeoutMs);
    await this.published(timeoutMs);
    await this.consumed(SINK_GROUP, this.catalogTopics(), timeoutMs);
  }

  /** Waits until both groups have members that hold an assignment. */
  async joined(): Promise<void> {
    const { brokers } = this.hub.settings.kafka;
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const groups = ['catalog', SINK_GROUP].map((name) => this.hub.settings.topics.group(name));
      await waitFor('the groups to have members', async () => {
        const described = await admin.describeGroups(groups);
        return described.groups.every(({ state, members }) => state === 'Stable' && members.length > 0);
      });
    } finally {
      await admin.disconnect();
    }
  }

  /** All records of all topics of records. */
  async records(): Promise<SeenRecord[]> {
    const topics = [...this.sourceTopics(), ...this.catalogTopics()];
    const seen: SeenRecord[] = [];
    for (const topic of topics) seen.push(...(await readTopic(this.hub.log, this.hub.eventDecoder(), topic)));
    return seen;
  }

  /** What is wrong with any topic; empty when all promises of the design hold. */
  async violations(): Promise<string[]> {
    const byTopic = new Map<string, SeenRecord[]>();
    for (const record of await this.records())
      byTopic.set(record.topic, [...(byTopic.get(record.topic) ?? []), record]);
    return [...byTopic.values()].flatMap((records) => [
      ...topicViolations(records),
      ...repeatViolations(records),
    ]);
  }

  sourceTopics(): string[] {
    const { topics } = this.hub.settings;
    return this.systems.flatMap((system) => ENTITIES.map((entity) => topics.source(system, entity)));
  }

  catalogTopics(): string[] {
    return ENTITIES.map((entity) => this.hub.settings.topics.catalog(entity));
  }

  private async published(timeoutMs: number): Promise<void> {
    const empty = async (): Promise<boolean> => {
      const { rows } = await this.hub.pool.query<{ waiting: string }>(
        'select count(*) as waiting from outbox',
      );
      return rows[0]?.waiting === '0';
    };
    await waitFor('the outbox to be empty', empty, { timeoutMs });
  }

  private async consumed(group: string, topics: readonly string[], timeoutMs: number): Promise<void> {
    const withoutLag = async (): Promise<boolean> => {
      const lags = await this.hub.admin.groupLag(this.hub.settings.topics.group(group), topics);
      return lags
        .flatMap(({ partitions }) => partitions)
        .every(({ lag, latest }) => lag === 0n || latest === 0n);
    };
    await waitFor(`group ${group} to have no lag`, withoutLag, { timeoutMs, everyMs: 100 });
  }
}
