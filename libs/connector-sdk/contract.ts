/**
 * What a connector is. A connector reports what it saw (observations) and writes what it is told; the runtime
 * derives change events, keeps offsets, retries and publishes. Nothing here knows Kafka, a store or Nest.
 */
import type { Attributes, EntityName, HubId, SystemName } from '#contracts';
import type { ConfigSpec } from './config-spec';

/** A JSON value, as vendors send them and as offsets are kept. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a connector may use of its surroundings. It has no timers, no environment and no globals of its own. */
export interface ConnectorContext {
  /** Aborted when the runtime wants the connector to stop; every call to the vendor must honour it. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  logger: ConnectorLogger;
}

/** The part of pino's interface that connectors use. Normal operation is silent. */
export interface ConnectorLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The one object that defines a connector; the first file to open in its folder. */
export interface ConnectorDefinition<C = unknown> {
  /** Lower-case noun, also topic segment and metric label: `plytix`. */
  name: string;
  title: string;
  /** Version of the vendor's API that is followed. */
  apiVersion: string;
  config: ConfigSpec<C>;
  entities: readonly EntityCapability[];
  /** The system that this connector speaks for; only the file connector reads it from its configuration. */
  system(config: C): SystemName;
  source?(config: C, context: ConnectorContext): SourceConnector;
  batchSink?(config: C, context: ConnectorContext): BatchSinkConnector;
  /**
   * Looks whether the system can be worked with: reachable, credentials, permissions, clock skew, rate limits.
   * One finding for each, as soon as it is known; it ends after the first one that makes the rest pointless.
   * Never throws for what a finding can tell, and changes nothing in the system.
   */
  check?(config: C, context: ConnectorContext): AsyncIterable<CheckFinding>;
}

/** One line of `millrace check <connector>`. */
export interface CheckFinding {
  /** Short noun: `credentials`, `permission to read assets`, `clock`. */
  subject: string;
  verdict: 'ok' | 'warning' | 'failed';
  /** What was seen: "the token is valid for 15 minutes", "the clock of plytix is 3 s behind ours". */
  detail: string;
  /** What to do; always there unless the verdict is ok. */
  remedy?: string;
}

export interface EntityCapability {
  entity: EntityName;
  read?: { cursor: 'timestamp' | 'token' | 'none'; deletes: 'event' | 'sweep' | 'none' };
  write?: { delete: boolean; maxBatch: number };
}

/** One partition of a source that has an order of its own, such as all product trees of an account. */
export interface SourceTask {
  /** Stable name; lease and offset are kept under it: `products`. */
  name: string;
  entities: readonly EntityName[];
}

/**
 * Reads one system. `O` is the source offset: JSON, with a format version `v` so that a later release can
 * still read what an older one saved.
 */
export interface SourceConnector<O extends SourceOffset = SourceOffset> {
  tasks(): readonly SourceTask[];
  /** Decodes a saved offset of this or an older format. Throws a `config` fault when it cannot. */
  decodeOffset(saved: Json): O;
  /** The stream position of now. The runtime asks for it before a snapshot starts. */
  position(task: SourceTask): Promise<O>;
  /**
   * Reads everything, in pages, products before their variants. `resume` is the offset of the last page that
   * was committed, or the position that was taken before the snapshot. The last page has `complete: true`.
   */
  snapshot(task: SourceTask, resume: O): AsyncIterable<Page<O>>;
  /** Reads what changed since `from`, in pages, and ends when it has caught up. The runtime calls it again. */
  stream(task: SourceTask, from: O): AsyncIterable<Page<O>>;
  /**
   * The vendor ids of all records that exist now, by entity, from one complete pass: the basis of a delete
   * sweep. Throws when the pass was not complete. Not called where deletes come as events.
   */
  listIds?(task: SourceTask): Promise<ReadonlyMap<EntityName, ReadonlySet<string>>>;
  /** Reads one record directly, by vendor id: `gone` when the vendor says that it does not exist. */
  read(task: SourceTask, entity: EntityName, vendorId: string): Promise<Observation>;
  /**
   * Reads chosen records, in pages, beside streaming: the incremental snapshot. `cursor` is that of the last page
   * that was committed, null at the beginning. A key that the vendor does not have gives no observation. Throws a
   * `config` fault `bad_selection` for a filter that it cannot read; the message tells how one is written.
   */
  select?(task: SourceTask, selection: Selection, cursor: Json | null): AsyncIterable<SelectedPage>;
  /** What is left of the vendor's rate limits, by window; for people. */
  budget?(): readonly BudgetReading[];
  /** Deep link for people to the record in the vendor's own interface, if there is one. */
  link?(entity: EntityName, vendorId: string): string | null;
  close(): Promise<void>;
}

/** Which records of a task are to be read again. */
export type Selection =
  /** Codes and SKUs, as people write them; a product's code selects the product and its variants. */
  | { by: 'keys'; keys: readonly string[] }
  /** A condition in the vendor's fields, `field=value`, joined by commas: `status=Completed,attributes.brand=Noor`. */
  | { by: 'filter'; filter: string };

export interface SelectedPage {
  observations: readonly Observation[];
  /** From here the selection goes on once this page is committed. */
  cursor: Json;
  progress?: { read: number; total: number | null };
}

/** Calls made and allowed in one window of a vendor's rate limit. */
export interface BudgetReading {
  limit: number;
  windowMs: number;
  used: number;
}

export interface SourceOffset {
  /** Format version of this offset. */
  v: number;
}

export interface Page<O extends SourceOffset = SourceOffset> {
  observations: readonly Observation[];
  /** From here it is safe to resume once this page is committed. */
  offset: O;
  /** Last page of a snapshot. */
  complete?: true;
  /** How far a snapshot is, for people: records read and, where known, records in all. */
  progress?: { read: number; total: number | null };
}

/** What a connector saw of one record at one time. */
export type Observation = PresentObservation | GoneObservation | UndecodableObservation;

interface ObservationBase {
  entity: EntityName;
  /** The vendor's id, verbatim. */
  vendorId: string;
  /** When the request that brought this answer began; milliseconds since the epoch, on our clock. */
  requestedAtMs: number;
  /** True when the record was read by its id; false when it came in a list, which may lag behind. */
  direct: boolean;
}

/** The record exists and this is its complete state. */
export interface PresentObservation extends ObservationBase {
  kind: 'present';
  /**
   * The state in the vendor's words; the mapping `schemas/rules/mappings/<system>.source.yaml` translates it.
   * An attribute that the vendor left out is not there; null is an explicit "empty".
   */
  state: VendorState;
  /**
   * Fields of `state` that exist but could not be seen in this read, such as attributes that the key's role hides.
   * They keep their last-known value: what is withheld is not cleared. `attributes.*` withholds a whole group.
   */
  withheld?: readonly string[];
  /** The vendor's change time: as number (milliseconds since the epoch) and verbatim. */
  changedAtMs: number;
  vendorTime: string | null;
}

/** The record does not exist any more. */
export interface GoneObservation extends ObservationBase {
  kind: 'gone';
  changedAtMs: number;
}

/** The vendor sent something for this record that does not decode. It becomes an exception; nothing is lost. */
export interface UndecodableObservation extends ObservationBase {
  kind: 'undecodable';
  /** Gerund phrase: what could not be done, and why. */
  reason: string;
  /** What was received, cut to a sane length, without secrets. */
  raw: string;
}

/**
 * Flat: vendor field → value, nested ones with dots (`attributes.head_material`). Values of fields whose type
 * only the vendor's attribute definitions tell come as `CustomValue`.
 */
export type VendorState = Attributes;

/** Writes whole batches into one store, such as a PostgreSQL mart. */
export interface BatchSinkConnector {
  /** Creates or migrates what the sink needs in the target. Called once, before the first write. */
  prepare(): Promise<void>;
  /**
   * Brings the target to each record's state, in one transaction, where the write's version is newer than the
   * target's. At most one write per (entity, hub_id). Results are aligned with `writes` by index; a record
   * that the target refuses is a `failed` value; a broken connection is thrown as a `transient` fault.
   */
  write(writes: readonly BatchWrite[]): Promise<readonly WriteOutcome[]>;
  close(): Promise<void>;
}

export interface BatchWrite {
  entity: EntityName;
  hubId: HubId;
  productId: HubId;
  version: number;
  /** null: the record ended at this version. */
  attributes: Attributes | null;
  /** When the change was made, milliseconds since the epoch. */
  changedAtMs: number;
}

export type WriteOutcome =
  | { status: 'applied' }
  /** The target already had this version or a newer one. */
  | { status: 'unchanged' }
  | { status: 'failed'; fault: SyncFault };

/** Who must act: the platform team, nobody (it is retried), merchandising, or Millrace's own people. */
export type FaultKind = 'config' | 'transient' | 'rejected' | 'system';

/** An expected failure, as a value. `SyncFaultError` (faults.ts) is its thrown form. */
export interface SyncFault {
  kind: FaultKind;
  /** From a bounded list, such as `http_429`, `unauthorised`, `not_json`. */
  code: string;
  /** Gerund phrase with its subject: "reading plytix product 5f1c…e2: the answer is HTML, not JSON". */
  message: string;
  attribute?: string;
  retryAfterMs?: number;
  cause?: unknown;
}
