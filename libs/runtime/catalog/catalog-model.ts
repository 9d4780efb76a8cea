/** What the catalog knows, as rows and as the working set of one commit. */
import type { Attributes, EntityName, HubId, ProvenanceGroup, RecordKey, SystemName } from '#contracts';
import type { Contribution } from '#pipeline';

/** A source event as the catalog takes it: decoded, its headers read. */
export interface SourceEvent {
  system: SystemName;
  entity: 'product' | 'variant';
  hubId: HubId;
  productId: HubId;
  sequence: number;
  /** null: the system's record ended. */
  attributes: Attributes | null;
  /** `ce_id`, the id that provenance names. */
  eventId: string;
  /** Time of the change in the source, milliseconds since the epoch. */
  changedAtMs: number;
  vendorId: string | null;
}

/** A contribution with what only the store needs. */
export interface StoredContribution extends Contribution {
  entity: 'product' | 'variant';
  hubId: HubId;
  vendorId: string | null;
}

/** A golden record with the place at which it was last published; a row of `golden_record`. */
export interface GoldenRecord {
  hubId: HubId;
  entity: 'product' | 'variant';
  productId: HubId;
  version: number;
  live: boolean;
  key: RecordKey;
  partition: number;
  attributes: Attributes;
  provenance: ProvenanceGroup[];
  rulesVersion: number;
}

/** A value that a hard denial kept out of a contribution; a row of `denied_value`. */
export interface DeniedRow {
  system: SystemName;
  entity: EntityName;
  hubId: HubId;
  attribute: string;
  value: unknown;
  eventId: string;
  /** Where the denial stands: `schemas/rules/ownership.yaml:41`. */
  rule: string;
}

/** Everything that a decision reads. */
export interface CatalogWorkingSet {
  /** By hub_id, then by system. */
  contributions: ReadonlyMap<HubId, ReadonlyMap<SystemName, StoredContribution>>;
  golden: ReadonlyMap<HubId, GoldenRecord>;
}
