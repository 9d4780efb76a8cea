/** The spine in one process, on the shared test stack: sources, publishers, catalog and mart of one namespace. */
import { pino } from 'pino';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import type { EntityName, SystemName } from '#contracts';
import { HubContext, openCatalog, readRules, readSettings, SourceHost } from '#runtime';
import type { HubSettings, PublisherHost, SourceSpec } from '#runtime';
import { countOutbox } from '#store';
import { openSink } from '../../apps/sink/open-sink';
import { readSinkConfig } from '../../apps/sink/sink.config';
import type { ScriptedVendor } from './scripted-vendor';
import { testNamespace } from './stack';
import type { TestNamespace } from './stack';
import { readTopic } from './topic-reader';
import type { SeenRecord } from './topic-reader';
import { topicViolations } from './topic-invariants';
import { waitFor } from './wait-for';

const logger = pino({ level: process.env.MILLRACE_LOG_LEVEL ?? 'silent' });

/** The environment with which an app joins a namespace. */
export function namespaceEnv(namespace: TestNamespace): NodeJS.ProcessEnv {
  return {
    KAFKA_BROKERS: namespace.brokers.join(','),
    SCHEMA_REGISTRY_URL: namespace.registryUrl,
    DATABASE_URL: namespace.databaseUrl,
    MART_URL: namespace.martUrl,
    MILLRACE_TOPIC_PREFIX: namespace.topicPrefix,
    MILLRACE_LEASE_TTL_MS: '1500',
  };
}

export class TestHub {
  private readonly stops: (() => Promise<unknown>)[] = [];
  private readonly vendors: ScriptedVendor[] = [];

  private constructor(
    readonly namespace: TestNamespace,
    readonly hub: HubContext,
    readonly publishers: PublisherHost,
  ) {}

  get settings(): HubSettings {
    return this.hub.settings;
  }

  /** Starts everything; vendors are snapshot first, then followed. End it with `stop()`. */
  static async start(...vendors: ScriptedVendor[]): Promise<TestHub> {
    const namespace = await testNamespace();
    const hub = await HubContext.open(readSettings('test', namespaceEnv(namespace)), logger);
    const publishers = hub.publisherHost();
    await publishers.start();
    const sut = new TestHub(namespace, hub, publishers);
    sut.stops.push(
      () => hub.close(),
      () => publishers.stop(),
    );
    try {
      await sut.startCatalog();
      await sut.startSink();
      await sut.startSources(vendors);
    } catch (error) {
      await sut.stop();
      throw error;
    }
    return sut;
  }

  /** Another catalog of the same group. */
  async startCatalog(): Promise<void> {
    const catalog = await openCatalog(this.hub, this.publishers, readRules(this.settings.schemasDir));
    const consumer = await this.hub.log.consume(catalog.subscription, (batch, context) =>
      catalog.consumer.handle(batch, context),
    );
    this.stops.push(
      () => catalog.close(),
      () => consumer.close(),
    );
  }

  private async startSink(): Promise<void> {
    const { runtime, close } = openSink(readSinkConfig(namespaceEnv(this.namespace)), this.hub, logger);
    await runtime.prepare();
    const consumer = await this.hub.log.consume(runtime.consumeOptions(), (batch, context) =>
      runtime.handle(batch, context),
    );
    this.stops.push(
      close,
      () => consumer.close(),
      () => runtime.drain(5_000),
    );
  }

  private async startSources(vendors: readonly ScriptedVendor[]): Promise<void> {
    for (const vendor of vendors) {
      this.vendors.push(vendor);
      await this.addSource({ definition: vendor.definition(), config: {} });
    }
  }

  /** Another source, such as a real connector before its sandbox. */
  async addSource(spec: Pick<SourceSpec, 'definition' | 'config'> & Partial<SourceSpec>): Promise<void> {
    const sources = new SourceHost(this.hub, this.publishers, readRules(this.settings.schemasDir));
    this.stops.push(() => sources.stop());
    await sources.add({ pollIntervalMs: 50, sweepIntervalMs: 3_600_000, ...spec });
  }

  /** Waits until everything that vendors have said has arrived in the mart. */
  async settled(): Promise<void> {
    for (const { system, length } of this.vendors)
      await waitFor(
        `the source of ${system} to catch up`,
        async () => (await this.sourceOffset(system)) >= length,
      );
    await this.published();
    await this.consumed('catalog');
    await this.published();
    await this.consumed('sink.postgres');
  }

  private async published(): Promise<void> {
    await waitFor('the outbox to be empty', async () => (await countOutbox(this.hub.pool)) === 0);
  }

  private async consumed(group: string): Promise<void> {
    const { topics } = this.settings;
    const names = (await this.hub.admin.listTopics()).map(({ name }) => name);
    const inputs = names.filter((name) => {
      const parsed = topics.parse(name);
      return parsed && (parsed.kind === 'golden') === (group !== 'catalog');
    });
    await waitFor(`group ${group} to have no lag`, async () => {
      const lags = await this.hub.admin.groupLag(topics.group(group), inputs);
      return lags
        .flatMap(({ partitions }) => partitions)
        .every(({ lag, latest }) => lag === 0n || latest === 0n);
    });
  }

  private async sourceOffset(system: SystemName): Promise<number> {
    const { rows } = await this.hub.pool.query<{ next: number | null }>(
      `select (source_offset -> 'offset' ->> 'next')::int as next from lease
       where name like $1 and source_offset ->> 'mode' = 'streaming'`,
      [`source:${system}:%`],
    );
    return rows[0]?.next ?? -1;
  }

  /** Rows of the hub database. */
  async query<Row extends QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.hub.pool.query<Row>(sql, parameters)).rows;
  }

  /** Rows of the mart. */
  async mart<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.namespace.martUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  sourceTopic(system: SystemName, entity: EntityName): Promise<SeenRecord[]> {
    return readTopic(this.hub.log, this.hub.eventDecoder(), this.settings.topics.source(system, entity));
  }

  catalogTopic(entity: EntityName): Promise<SeenRecord[]> {
    return readTopic(this.hub.log, this.hub.eventDecoder(), this.settings.topics.catalog(entity));
  }

  /** What is wrong with any of the topics of records; empty when all promises hold. */
  async violations(): Promise<string[]> {
    const problems: string[] = [];
    for (const entity of ['product', 'variant'] as const) {
      for (const { system } of this.vendors)
        problems.push(...topicViolations(await this.sourceTopic(system, entity)));
      problems.push(...topicViolations(await this.catalogTopic(entity)));
    }
    return problems;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
    await this.namespace.dropAll();
  }
}
