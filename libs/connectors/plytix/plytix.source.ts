/** The source of all product trees of one Plytix account. */
import { transientFault } from '#connector-sdk';
import type { ConnectorContext, Json, Observation, Page, SourceConnector, SourceTask } from '#connector-sdk';
import type { EntityName } from '#contracts';
import { PlytixClient } from './plytix.client';
import type { PlytixConfig } from './plytix.config';
import { endpoints } from './plytix.endpoints';
import { decodeOffset, streamOffset } from './plytix.offset';
import type { PlytixOffset } from './plytix.offset';
import { ProductReader } from './plytix.reader';
import { entityOfLevel } from './plytix.rows';
import { AccountSchemas } from './plytix.schema';
import { allLevels, snapshotPages } from './plytix.snapshot';
import type { SnapshotParts } from './plytix.snapshot';
import { ChangeStream } from './plytix.stream';

export const PRODUCTS: SourceTask = { name: 'products', entities: ['product', 'variant'] };

export class PlytixSource implements SourceConnector<PlytixOffset> {
  private readonly client: PlytixClient;
  private readonly parts: SnapshotParts;
  private readonly changes: ChangeStream;

  constructor(
    private readonly config: PlytixConfig,
    context: ConnectorContext,
  ) {
    const now = (): number => context.now();
    const pageSize = config.page_size;
    this.client = new PlytixClient(config, context);
    const schemas = new AccountSchemas(this.client, context, ignoredLabels(config));
    const reader = new ProductReader(this.client, schemas, now, pageSize);
    this.parts = { client: this.client, reader, schemas, pageSize, now };
    const { overlap_ms: overlapMs, settle_ms: settleMs } = config;
    this.changes = new ChangeStream({ ...this.parts, overlapMs, settleMs });
  }

  tasks(): readonly SourceTask[] {
    return [PRODUCTS];
  }

  decodeOffset(saved: Json): PlytixOffset {
    return decodeOffset(saved);
  }

  async position(): Promise<PlytixOffset> {
    return streamOffset(await this.changes.position());
  }

  snapshot(_task: SourceTask, resume: PlytixOffset): AsyncIterable<Page<PlytixOffset>> {
    return snapshotPages(this.parts, resume);
  }

  stream(_task: SourceTask, from: PlytixOffset): AsyncIterable<Page<PlytixOffset>> {
    return this.changes.poll(from.position);
  }

  async listIds(): Promise<ReadonlyMap<EntityName, ReadonlySet<string>>> {
    const { levels, complete } = await allLevels(this.parts);
    if (!complete) {
      const message = 'listing plytix products: they changed while they were listed, and some may be missing';
      throw transientFault('incomplete_pass', message);
    }
    const ids = new Map<EntityName, Set<string>>(PRODUCTS.entities.map((entity) => [entity, new Set()]));
    for (const [id, level] of levels) ids.get(entityOfLevel(level))!.add(id);
    return ids;
  }

  read(_task: SourceTask, entity: EntityName, vendorId: string): Promise<Observation> {
    return this.parts.reader.byId(entity, vendorId);
  }

  link(_entity: EntityName, vendorId: string): string {
    return `${this.config.url}${endpoints.page(vendorId)}`;
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

function ignoredLabels(config: PlytixConfig): ReadonlySet<string> {
  return new Set(
    config.ignored_attributes.split(',').map((label) => label.trim().replace(/^attributes\./, '')),
  );
}
