/**
 * A change of one record at one place, before it is encoded: what source decisions and golden decisions have
 * in common, with the two orders that keep a compacted topic truthful.
 */
import type { Attributes, EntityName, HubId, Op, ProvenanceGroup, RecordKey } from '#contracts';

export interface RecordChange {
  entity: EntityName;
  hubId: HubId;
  productId: HubId;
  op: Op;
  version: number;
  before: { attributes: Attributes; version: number; productId: HubId } | null;
  /** null for a delete. */
  after: Attributes | null;
  /** Where it is written. For a delete, where the record stood. */
  key: RecordKey;
  partition: number;
  /** On the `d` of a re-key: where the record goes. */
  newKey?: RecordKey;
  /** On the `c` of a re-key: where the record came from. */
  oldKey?: RecordKey;
  changedAtMs: number;
  vendorId: string | null;
  vendorTime: string | null;
  /** Golden changes only. */
  provenance?: ProvenanceGroup[];
}

/** A place on a topic: compaction keeps one record of it. */
export const placeKey = (place: Pick<RecordChange, 'entity' | 'partition' | 'key'>): string =>
  JSON.stringify([place.entity, place.partition, Object.entries(place.key).sort()]);

const rank: Record<string, number> = { variant: 0, product: 1 };

/**
 * The order of one decision's changes: first what ends, variants before their product; then what begins or
 * changes, products before their variants. Ends come first because of swaps: were A's `c` at the place that B
 * leaves written before B's tombstone, compaction would keep the tombstone and lose A.
 */
export function endsFirst(changes: readonly RecordChange[]): RecordChange[] {
  const byRank = (a: RecordChange, b: RecordChange): number => (rank[a.entity] ?? 2) - (rank[b.entity] ?? 2);
  const ends = changes.filter((change) => change.op === 'd');
  const others = changes.filter((change) => change.op !== 'd');
  return [...ends.sort(byRank), ...others.sort((a, b) => byRank(b, a))];
}

/** A live record as it stands after the commit, for `repeatNeighbours`. */
export type Standing = Omit<RecordChange, 'op' | 'before' | 'newKey' | 'oldKey'>;

/**
 * The repeats (`r`) that must follow so that every live record is the last of its place. Two records may
 * stand at one (partition, key) for a while: a code moved to another product, or a held record still stands
 * where a new one has come. The tombstone of one would then, after compaction, bury the other.
 *
 * @param changes what the commit publishes, in order
 * @param standing all live records, as they are after the commit, at the places where something ends
 */
export function repeatNeighbours(
  changes: readonly RecordChange[],
  standing: readonly Standing[],
): RecordChange[] {
  const ended = new Set(changes.filter((change) => change.op === 'd').map(placeKey));
  const last = new Map(changes.map((change) => [placeKey(change), change]));
  return standing
    .filter((record) => {
      const place = placeKey(record);
      return ended.has(place) && last.get(place)?.hubId !== record.hubId;
    })
    .sort((a, b) => (a.hubId < b.hubId ? -1 : 1))
    .map((record) => ({ ...record, op: 'r' as const, before: null }));
}
