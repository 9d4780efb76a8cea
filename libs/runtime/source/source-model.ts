/**
 * What the source runtime knows of one system, as rows and as the working set of one commit.
 */
import type { Attributes, EntityName, HubId, RecordKey } from '#contracts';

/** Why a vendor id's latest state is not published. While it is held its last record stands. */
export type HeldReason =
  /** Another vendor id of the system claimed the same code or SKU first. */
  | 'duplicate_key'
  /** The variant's product is not known (yet). */
  | 'identity_unresolved';

/** Last-known state of one vendor id; a row of `source_state`. */
export interface SourceState {
  entity: EntityName;
  vendorId: string;
  /** Bound once, kept through renames and deletes; null while it never was published. */
  hubId: HubId | null;
  /** False once the vendor says that it is gone. */
  live: boolean;
  /** Normalised code or SKU that it claims; null once gone. */
  claim: string | null;
  /** Order in which claims were made. */
  claimedAtMs: number;
  held: HeldReason | null;
  parentVendorId: string | null;
  /** As observed last, mapped. Kept when it is gone, so that a return tells cleared from never supplied. */
  observed: Attributes | null;
  /** As published last; null when nothing of it stands. */
  published: Attributes | null;
  changedAtMs: number | null;
  vendorTime: string | null;
  answeredAtMs: number;
}

/** Sequence and place of one source record; a row of `source_record`. */
export interface SourceRecord {
  entity: EntityName;
  hubId: HubId;
  sequence: number;
  live: boolean;
  vendorId: string;
  productId: HubId;
  key: RecordKey;
  partition: number;
}

/** An observation after mapping, in the words of the hub. */
export type SeenRecord = SeenPresent | SeenGone;

export interface SeenPresent {
  kind: 'present';
  entity: EntityName;
  vendorId: string;
  /** Normalised code or SKU. */
  claim: string;
  parentVendorId: string | null;
  attributes: Attributes;
  /** Attributes that could not be mapped: they keep their last-known value. */
  kept: readonly string[];
  changedAtMs: number;
  vendorTime: string | null;
  answeredAtMs: number;
}

export interface SeenGone {
  kind: 'gone';
  entity: EntityName;
  vendorId: string;
  changedAtMs: number;
  answeredAtMs: number;
}

/** Key of a vendor id within a system. */
export const vendorKey = (entity: EntityName, vendorId: string): string => `${entity}\u0000${vendorId}`;

/** Key of a record within a system. */
export const hubKey = (entity: EntityName, hubId: HubId): string => `${entity}\u0000${hubId}`;

/** Everything that a decision reads. Maps are by `vendorKey`, `hubKey` and `codeKey`. */
export interface SourceWorkingSet {
  states: ReadonlyMap<string, SourceState>;
  records: ReadonlyMap<string, SourceRecord>;
  /** Normalised code → hub_id. */
  identities: ReadonlyMap<string, HubId>;
}
