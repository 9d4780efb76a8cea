/**
 * The vocabulary that every part of Millrace shares: entities, attributes, change events.
 * Types only; how they look as Avro is in `schemas/`, how they become bytes in `codec.ts`.
 */

/** The entities of the hub. `product` and `variant` have a hub_id of their own; the others use their key. */
export const ENTITIES = [
  'product',
  'variant',
  'asset',
  'inventory',
  'collection',
  'category',
  'attribute',
] as const;
export type EntityName = (typeof ENTITIES)[number];

/** Name of a system that authors or receives product data: `plytix`, `centric`, `centra`, … */
export type SystemName = string;

/** A UUID in lower-case canonical text. Given once to a product or variant, kept through renames and deletes. */
export type HubId = string;

/** A reference to an asset: `<system>:<id>`, with the part it plays. */
export interface MediaReference {
  asset_id: string;
  role: string | null;
  position: number | null;
  url: string | null;
}

/**
 * A value of an attribute that the schemas do not name. `kind` says which one field is filled.
 * Decimals travel as canonical strings ("12.50" stays "12.50"), dates as `YYYY-MM-DD`.
 */
export type CustomValue =
  | { kind: 'string'; string: string }
  | { kind: 'long'; long: number }
  | { kind: 'decimal'; decimal: string }
  | { kind: 'boolean'; boolean: boolean }
  | { kind: 'date'; date: string }
  | { kind: 'list'; list: string[] }
  | { kind: 'media'; media: MediaReference[] };

/** Text by locale, such as `{ de: "Hemd", fr: "Chemise" }`. */
export type LocalisedText = Record<string, string>;

/** One attribute's value. null says "cleared"; an attribute that is not there was never supplied. */
export type AttributeValue =
  null | string | number | boolean | string[] | LocalisedText | MediaReference[] | CustomValue;

/**
 * Name of an attribute: a field of the entity's Avro record (`name`, `gtin`), or one entry of one of its maps,
 * written with a dot (`custom.care`, `localised.name`, `inventory.stock`, `price.eur`).
 */
export type AttributePath = string;

/**
 * What is known of a record, flat: attribute → value. The key set is the set of attributes that were ever
 * supplied. `hub_id` and `version` are not attributes and never in here; `code`, `sku` and `product` are.
 */
export type Attributes = Record<AttributePath, AttributeValue>;

/** A record's business key, as the Kafka key carries it. Which fields there are depends on the entity. */
export type RecordKey = Readonly<Record<string, string>>;

/** Debezium's operations that Millrace uses: read (snapshot), create, update, delete. */
export type Op = 'r' | 'c' | 'u' | 'd';

/** Debezium's marker of where in a snapshot a record was read. */
export type SnapshotMarker =
  | 'true'
  | 'first'
  | 'first_in_data_collection'
  | 'last_in_data_collection'
  | 'last'
  | 'false'
  | 'incremental';

/** Debezium's `source` block, followed by what Millrace adds. Field order is that of the Avro record. */
export interface SourceBlock {
  version: string;
  connector: string;
  name: string;
  /** Time of the change in the source, milliseconds since the epoch; of the observation where the source has none. */
  ts_ms: number;
  snapshot: SnapshotMarker | null;
  db: string;
  /** The record's sequence (source records) or version (golden records), as decimal text. */
  sequence: string | null;
  ts_us: number | null;
  ts_ns: bigint | null;
  system: SystemName;
  entity: EntityName;
  /** The vendor's own id, verbatim. null in golden records. */
  vendor_id: string | null;
  /** The vendor's own time stamp, verbatim. null where it gives none, and in golden records. */
  vendor_time: string | null;
  /** Attributes that this system has ever supplied for this record: null among them means cleared. */
  supplied: AttributePath[];
  /** True when the observation equals what our own sink last wrote to that system. */
  echo: boolean;
}

/** Which source event gave which attributes of `after`. */
export interface ProvenanceGroup {
  system: SystemName;
  /** `ce_id` of the source event. */
  event_id: string;
  /** Time of that event, milliseconds since the epoch. */
  ts_ms: number;
  attributes: AttributePath[];
}

/**
 * One change of one record. `before` and `after` are flat attributes here; the codec lays them out as the
 * entity's Avro record. A golden event has `provenance` and `rules_version`, a source event has neither.
 */
export interface ChangeEvent {
  before: VersionedRecord | null;
  after: VersionedRecord | null;
  source: SourceBlock;
  op: Op;
  /** When Millrace made the event, on the clock of its database; milliseconds since the epoch. */
  ts_ms: number;
  provenance?: ProvenanceGroup[];
  rules_version?: number;
}

/** A record's state with its identity: what `before` and `after` carry. */
export interface VersionedRecord {
  hub_id: HubId;
  /** hub_id of the product; for a product its own. */
  product_id: HubId;
  /** Sequence (source) or version (golden) at which the record had this state. */
  version: number;
  attributes: Attributes;
}

/** A record ready for Kafka: bytes and headers, addressed to a partition. `value: null` is a tombstone. */
export interface EncodedRecord {
  topic: string;
  partition: number;
  key: Buffer;
  value: Buffer | null;
  headers: Record<string, string | Buffer>;
  /** Milliseconds since the epoch, on the clock of the database. */
  timestampMs: number;
}
