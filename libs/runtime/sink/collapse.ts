import type { EntityName, RecordIdentity } from '#contracts';
import type { LogRecord } from '#kafka';
import type { Span } from './offset-tracker';

/** A record of a catalog topic on its way to the target: what its headers tell, and the bytes untouched. */
export interface IncomingRecord {
  topic: string;
  partition: number;
  entity: EntityName;
  record: LogRecord;
  /** null: the headers are not those of a record of ours. */
  identity: RecordIdentity | null;
  /** The offsets that may not be committed before this record is written. */
  span: Span;
}

/** All that waits for one record of the target. Only the first candidate is decoded, unless it is no good. */
export interface CollapsedRecord {
  /** Newest first. At one version a `d` comes before its tombstone: the same delete, and it tells when. */
  candidates: IncomingRecord[];
  /** One for each record that came in, superseded ones included. */
  spans: Span[];
  bytes: number;
}

/**
 * What waits to be written, collapsed to the highest version of each (entity, hub_id) by the headers alone.
 * What is superseded is kept until then, undecoded, because it becomes the state to write when nothing newer
 * can be: so the result does not depend on where batches begin and end.
 */
export class CollapsingBuffer {
  private readonly entries = new Map<string, CollapsedRecord>();

  /** Number of (entity, hub_id) that wait. */
  get size(): number {
    return this.entries.size;
  }

  add(incoming: IncomingRecord): void {
    const key = keyOf(incoming);
    const entry = this.entries.get(key) ?? { candidates: [], spans: [], bytes: 0 };
    insert(entry.candidates, incoming);
    entry.spans.push(incoming.span);
    entry.bytes += bytesOf(incoming);
    this.entries.set(key, entry);
  }

  /** Takes the longest waiting entries out, `max` at most. */
  take(max: number): CollapsedRecord[] {
    const taken: CollapsedRecord[] = [];
    for (const [key, entry] of this.entries) {
      if (taken.length === max) break;
      taken.push(entry);
      this.entries.delete(key);
    }
    return taken;
  }
}

/** What a waiting record weighs: its bytes, and a rough share for objects and headers. */
export function bytesOf({ record }: IncomingRecord): number {
  return 512 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
}

function keyOf({ topic, partition, entity, record, identity }: IncomingRecord): string {
  return identity === null ? `${topic}/${partition}@${record.offset}` : `${entity}:${identity.hubId}`;
}

function insert(candidates: IncomingRecord[], incoming: IncomingRecord): void {
  const version = versionOf(incoming);
  const isTombstone = incoming.record.value === null;
  const same = candidates.filter((candidate) => versionOf(candidate) === version);
  if (same.some((candidate) => (candidate.record.value === null) === isTombstone)) return;
  const place = candidates.findIndex(
    (candidate) =>
      versionOf(candidate) < version ||
      (versionOf(candidate) === version && !isTombstone && candidate.record.value === null),
  );
  candidates.splice(place === -1 ? candidates.length : place, 0, incoming);
}

/** 0 for a record without our headers, which is alone under its key. */
export function versionOf({ identity }: IncomingRecord): number {
  return identity?.version ?? 0;
}
