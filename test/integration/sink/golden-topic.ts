import { pino } from 'pino';
import { partitionOf } from '#contracts';
import type { Attributes, EncodedRecord, EntityName } from '#contracts';
import { HubContext, newTraceparent, readSettings } from '#runtime';
import type { RecordEncoder } from '#runtime';
import { openSink } from '../../../apps/sink/open-sink';
import { readSinkConfig } from '../../../apps/sink/sink.config';
import { testNamespace } from '../../support/stack';
import type { TestNamespace } from '../../support/stack';
import { hubId } from './mart';

const SYSTEMS_EVENT = { system: 'plytix', event_id: 'test', ts_ms: 1_793_577_600_000 };

/** A hub without source and catalog: golden records are published by hand, and sinks read them. */
export class GoldenTopic {
  private constructor(
    readonly namespace: TestNamespace,
    readonly hub: HubContext,
    private readonly encoder: RecordEncoder,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(): Promise<GoldenTopic> {
    const namespace = await testNamespace();
    const env = {
      KAFKA_BROKERS: namespace.brokers.join(','),
      SCHEMA_REGISTRY_URL: namespace.registryUrl,
      DATABASE_URL: namespace.databaseUrl,
      MART_URL: namespace.martUrl,
      MILLRACE_TOPIC_PREFIX: namespace.topicPrefix,
    };
    const hub = await HubContext.open(readSettings('test', env), pino({ level: 'silent' }));
    const author = { connector: 'millrace', name: `${namespace.topicPrefix}.catalog`, system: 'millrace' };
    const encoder = await hub.recordEncoder(author, (entity) => hub.settings.topics.catalog(entity));
    return new GoldenTopic(namespace, hub, encoder, env);
  }

  get prefix(): string {
    return this.namespace.topicPrefix;
  }

  /** A product at a version; `attributes: null` is its delete with the tombstone. */
  product(number: number, version: number, attributes?: Attributes | null): EncodedRecord[] {
    return this.encode('product', number, { code: `ST-${number}` }, version, attributes);
  }

  private encode(
    entity: EntityName,
    number: number,
    key: Readonly<Record<string, string>>,
    version: number,
    attributes: Attributes | null = { ...key, name: `v${version}` },
  ): EncodedRecord[] {
    const id = hubId(number);
    const before = { version: Math.max(1, version - 1), productId: id, attributes: { ...key } };
    return this.encoder.encode(
      {
        entity,
        hubId: id,
        productId: id,
        partition: partitionOf(id, this.hub.topology.partitions),
        key,
        version,
        op: attributes === null ? 'd' : 'u',
        before,
        after: attributes,
        changedAtMs: SYSTEMS_EVENT.ts_ms,
        vendorId: null,
        vendorTime: null,
        provenance: attributes === null ? [] : [{ ...SYSTEMS_EVENT, attributes: Object.keys(attributes) }],
      },
      { now: new Date(), snapshot: false, rulesVersion: 1, traceparent: newTraceparent() },
    );
  }

  async publish(records: readonly EncodedRecord[]): Promise<void> {
    const producer = await this.hub.log.transactionalProducer(`${this.prefix}.test`);
    const transaction = await producer.begin();
    await transaction.send(records);
    await transaction.commit();
    await producer.close();
  }

  /** A sink as the app puts it together, in the group. `stop` is the app's order; `vanish` leaves all undone. */
  async startSink() {
    const { runtime, close } = openSink(readSinkConfig(this.env), this.hub, this.hub.logger);
    await runtime.prepare();
    const subscription = await this.hub.log.consume(runtime.consumeOptions(), (batch, context) =>
      runtime.handle(batch, context),
    );
    const stop = async (drainMs = 5_000): Promise<void> => {
      await runtime.drain(drainMs);
      await subscription.close();
      await close();
    };
    return { runtime, stop };
  }

  /** Records that the sink's group has not committed yet, over all of its topics. */
  async lag(): Promise<bigint> {
    const { topics } = this.hub.settings;
    const names = [topics.catalog('product'), topics.catalog('variant')];
    const groups = await this.hub.admin.groupLag(topics.group('sink.postgres'), names);
    return groups
      .flatMap(({ partitions }) => partitions)
      .reduce((sum, { lag, latest }) => sum + (lag ?? latest), 0n);
  }

  async close(): Promise<void> {
    await this.hub.close();
    await this.namespace.dropAll();
  }
}
