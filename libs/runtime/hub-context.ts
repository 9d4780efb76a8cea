/**
 * What every app of the spine stands on: database, event log, registry, topics with their codecs. Made in one
 * explicit order and closed in the reverse one.
 */
import { loadSchemas, TopicCodec } from '#contracts';
import type { EntityName, SchemaSet } from '#contracts';
import {
  deadLetterTopicSpec,
  decodingCodecs,
  EventDecoder,
  KafkajsEventLog,
  MAX_RECORD_BYTES,
  recordTopicSpec,
  SchemaRegistryClient,
} from '#kafka';
import type { EventLog, LogAdmin } from '#kafka';
import { createPool, migrate, readTopology } from '#store';
import type { Topology } from '#store';
import type { Logger } from '#telemetry';
import type { Pool } from 'pg';
import { Committer } from './commit/commit';
import { RecordEncoder } from './commit/record-encoder';
import type { RecordEncoderOptions, TopicOutput } from './commit/record-encoder';
import { PublisherHost } from './publisher/publisher-host';
import type { HubSettings } from './settings';

/** The entities that have topics of their own in this release. */
export const RECORD_ENTITIES = ['product', 'variant'] as const satisfies readonly EntityName[];

/** Room that a record's key and headers may take beside its value, bytes. */
const KEY_AND_HEADERS = 16_384;

export class HubContext {
  private constructor(
    readonly settings: HubSettings,
    readonly logger: Logger,
    readonly pool: Pool,
    readonly log: EventLog,
    readonly admin: LogAdmin,
    readonly registry: SchemaRegistryClient,
    readonly schemas: SchemaSet,
    readonly topology: Topology,
  ) {}

  /** Connects, migrates the database and prepares the registry. Safe to run in many processes at once. */
  static async open(settings: HubSettings, logger: Logger): Promise<HubContext> {
    await migrate(settings.databaseUrl);
    const pool = createPool(settings.databaseUrl, { applicationName: `millrace-${settings.app}` });
    const topology = await readTopology(pool);
    const log = new KafkajsEventLog(settings.kafka, logger);
    const registry = new SchemaRegistryClient(settings.registry);
    const prepared = await registry.prepare();
    if (!prepared.ok) logger.warn({ compatibility: prepared.level }, prepared.reason);
    const admin = await log.admin();
    const schemas = loadSchemas(settings.schemasDir);
    return new HubContext(settings, logger, pool, log, admin, registry, schemas, topology);
  }

  /** Creates what is missing of these topics of records, and the dead-letter topic. */
  async ensureTopics(names: readonly string[]): Promise<void> {
    const records = names.map((name) => recordTopicSpec(name, this.topology.partitions));
    await this.admin.ensureTopics([...records, deadLetterTopicSpec(this.settings.topics.deadLetter)]);
  }

  /** Registers a topic's schemas and gives the codec that writes with their ids. */
  async prepareOutput(topic: string): Promise<TopicOutput> {
    const parsed = this.settings.topics.parse(topic);
    if (!parsed) throw new Error(`preparing topic ${topic}: it is no topic of records`);
    const { keySchema, valueSchema } = new TopicCodec(this.schemas, topic, parsed);
    const key = await this.registry.register(`${topic}-key`, keySchema);
    const value = await this.registry.register(`${topic}-value`, valueSchema);
    return { topic, codec: new TopicCodec(this.schemas, topic, parsed, { key, value }) };
  }

  /** Creates and registers the topics of one author, and gives the encoder that writes to them. */
  async recordEncoder(
    author: Pick<RecordEncoderOptions, 'connector' | 'name' | 'system'>,
    topicOf: (entity: EntityName) => string,
  ): Promise<RecordEncoder> {
    await this.ensureTopics(RECORD_ENTITIES.map(topicOf));
    const outputs = new Map<EntityName, TopicOutput>();
    for (const entity of RECORD_ENTITIES) outputs.set(entity, await this.prepareOutput(topicOf(entity)));
    return new RecordEncoder({ ...author, outputs, maxValueBytes: MAX_RECORD_BYTES - KEY_AND_HEADERS });
  }

  /** Decodes records of any topic of ours. */
  eventDecoder(): EventDecoder {
    return new EventDecoder(this.registry, decodingCodecs(this.schemas, this.settings.topics));
  }

  committer(publishers: PublisherHost): Committer {
    return new Committer(this.pool, { shards: this.topology.shards, onCommitted: publishers.ring });
  }

  publisherHost(): PublisherHost {
    return new PublisherHost({
      pool: this.pool,
      databaseUrl: this.settings.databaseUrl,
      log: this.log,
      topics: this.settings.topics,
      shards: this.topology.shards,
      holder: this.settings.instance,
      logger: this.logger,
      times: this.settings.leaseTimes,
    });
  }

  async close(): Promise<void> {
    await this.admin.close();
    await this.pool.end();
  }
}
