import { crc32 } from 'node:zlib';
import { ENTITIES } from './types';
import type { EntityName, HubId, SystemName } from './types';

/** Partitions of a topic of records, where nobody asks for another number. */
export const DEFAULT_PARTITIONS = 6;

/** Publisher shards, where nobody asks for another number. */
export const DEFAULT_SHARDS = 2;

/** The entities whose records lie in the partition of their product's hub_id, in every topic. */
export const PRODUCT_KEYED: ReadonlySet<EntityName> = new Set<EntityName>(['product', 'variant']);

/** Source records say what a system says; golden records are the catalog's. */
export type EnvelopeKind = 'source' | 'golden';

/** What the name of a topic of records tells. */
export interface RecordTopic {
  kind: EnvelopeKind;
  /** `catalog` for golden records. */
  system: SystemName;
  entity: EntityName;
}

const CATALOG = 'catalog';
const SEGMENT = /^[a-z0-9][a-z0-9_-]*$/;

/** The names of topics, consumer groups and transactional ids. One prefix is one hub on a shared cluster. */
export class TopicNames {
  /** Throws a RangeError for a prefix that could not be told from the rest of a name. */
  constructor(readonly prefix: string = 'millrace') {
    assertSegment('prefix', prefix);
  }

  /** What one system says of one entity. */
  source(system: SystemName, entity: EntityName): string {
    assertSegment('system', system);
    if (system === CATALOG) throw new RangeError(`naming a topic: no system may be called ${CATALOG}`);
    return `${this.prefix}.${system}.${entity}`;
  }

  /** The golden records of one entity. */
  catalog(entity: EntityName): string {
    return `${this.prefix}.${CATALOG}.${entity}`;
  }

  /** Records that could not be decoded, with their original bytes. */
  get deadLetter(): string {
    return `${this.prefix}.dead-letter`;
  }

  /** A consumer group of ours, such as `sink.postgres`. */
  group(name: string): string {
    return `${this.prefix}.${name}`;
  }

  /** Fixed for each shard, so that a publisher that takes over fences its predecessor. */
  transactionalId(shard: number): string {
    return `${this.prefix}.publisher.${shard}`;
  }

  /** What a topic of ours holds; null for any other topic, the dead letters among them. */
  parse(topic: string): RecordTopic | null {
    const [prefix, system, entity, ...rest] = topic.split('.');
    if (prefix !== this.prefix || rest.length > 0) return null;
    if (system === undefined || !SEGMENT.test(system) || !isEntity(entity)) return null;
    return { kind: system === CATALOG ? 'golden' : 'source', system, entity };
  }
}

function assertSegment(what: string, text: string): void {
  if (SEGMENT.test(text)) return;
  throw new RangeError(
    `naming a topic: the ${what} "${text}" may only have lower-case letters, digits, - and _`,
  );
}

/** True for the name of one of the hub's entities. */
export function isEntity(name: string | undefined): name is EntityName {
  return (ENTITIES as readonly (string | undefined)[]).includes(name);
}

/**
 * The partition of a product tree: CRC-32 of the 16 bytes of the product's hub_id, modulo `partitions`. Every
 * record of the tree goes there, in each topic, whatever its key. Throws a RangeError for what is not a UUID.
 */
export function partitionOf(productId: HubId, partitions: number): number {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`partitioning product ${productId}: ${partitions} is not a number of partitions`);
  }
  return crc32(hubIdBytes(productId)) % partitions;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a UUID in lower-case canonical text. */
export function isHubId(text: unknown): text is HubId {
  return typeof text === 'string' && UUID.test(text);
}

function hubIdBytes(hubId: HubId): Buffer {
  if (!isHubId(hubId)) throw new RangeError(`partitioning a record: "${hubId}" is not a hub_id`);
  return Buffer.from(hubId.replaceAll('-', ''), 'hex');
}
