/**
 * What the design promises of every topic of records (architecture §3), as a list of what is wrong:
 * after removing repeats by ce_id, the versions of each hub_id rise and the chain of before and after is
 * unbroken; the last record of each (partition, key) is the newest of its hub_id; each hub_id has at most one
 * live key and partition.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Attributes, VersionedRecord } from '#contracts';
import type { SeenRecord } from './topic-reader';

/** Every violation, in words. Empty means that the promises hold. */
export function topicViolations(records: readonly SeenRecord[]): string[] {
  return [
    ...orderViolations(records),
    ...chainViolations(records),
    ...placeViolations(records),
    ...deleteViolations(records),
  ];
}

const nameOf = (record: SeenRecord): string =>
  `${record.topic}/${record.partition}@${record.offset} ${Object.values(record.key).join('/')} v${record.version}`;

const isRepeatable = (record: SeenRecord): string => `${record.ceId} ${record.event === null}`;

/** The first delivery of each change; what comes again must say the same. */
function withoutRepeats(records: readonly SeenRecord[]): SeenRecord[] {
  const first = new Map<string, SeenRecord>();
  for (const record of records) if (!first.has(isRepeatable(record))) first.set(isRepeatable(record), record);
  return [...first.values()];
}

function orderViolations(records: readonly SeenRecord[]): string[] {
  const last = new Map<string, number>();
  return withoutRepeats(records).flatMap((record) => {
    const place = `${record.hubId} ${record.partition}`;
    const before = last.get(place) ?? 0;
    last.set(place, Math.max(before, record.version));
    const rises = record.event === null ? record.version >= before : record.version > before;
    return rises ? [] : [`${nameOf(record)} comes after version ${before}`];
  });
}

function chainViolations(records: readonly SeenRecord[]): string[] {
  const events = withoutRepeats(records).filter((record) => record.event !== null);
  const byHub = new Map<string, SeenRecord[]>();
  for (const event of events) byHub.set(event.hubId, [...(byHub.get(event.hubId) ?? []), event]);
  return [...byHub.values()].flatMap((chain) => {
    chain.sort((a, b) => a.version - b.version);
    return chain.flatMap((record, index) => linkViolations(record, chain[index - 1]));
  });
}

function linkViolations(record: SeenRecord, previous: SeenRecord | undefined): string[] {
  const event = record.event!;
  const problems: string[] = [];
  if (previous && record.version !== previous.version + 1)
    problems.push(`${nameOf(record)} follows version ${previous.version}: a version is missing`);
  if (!previous && record.version !== 1) problems.push(`${nameOf(record)} is the first of its hub_id`);
  const known = previous?.event?.after ?? null;
  const startsAnew = event.op === 'c' || event.op === 'r';
  if (startsAnew && known !== null)
    problems.push(`${nameOf(record)} is ${event.op}, but the record was there`);
  if (!startsAnew && !sameState(event.before, known))
    problems.push(`${nameOf(record)} has another before than the after of version ${previous?.version}`);
  if ((event.op === 'd') !== (event.after === null))
    problems.push(`${nameOf(record)} is ${event.op} with after`);
  return problems;
}

/** Avro cannot tell null from absent in `before`; so both count as not there. */
function sameState(a: VersionedRecord | null, b: VersionedRecord | null): boolean {
  if (a === null || b === null) return a === b;
  return a.version === b.version && isDeepStrictEqual(filled(a.attributes), filled(b.attributes));
}

function filled(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is left of a topic once it is compacted: the last record of each key in each partition. */
export function compacted(records: readonly SeenRecord[]): SeenRecord[] {
  const last = new Map<string, SeenRecord>();
  for (const record of records)
    last.set(JSON.stringify([record.topic, record.partition, record.key]), record);
  return [...last.values()];
}

function placeViolations(records: readonly SeenRecord[]): string[] {
  const newest = new Map<string, SeenRecord>();
  for (const record of records) {
    const known = newest.get(record.hubId);
    if (
      !known ||
      record.version > known.version ||
      (record.version === known.version && record.event === null)
    )
      newest.set(record.hubId, record);
  }
  const problems: string[] = [];
  const live = new Map<string, SeenRecord>();
  for (const record of compacted(records)) {
    if (record.event === null) continue;
    if (record.event.op === 'd') problems.push(`${nameOf(record)} is a delete without a tombstone`);
    if (record.version !== newest.get(record.hubId)?.version)
      problems.push(
        `${nameOf(record)} is the last of its place, but version ${newest.get(record.hubId)?.version} is newer`,
      );
    const other = live.get(record.hubId);
    if (other) problems.push(`${nameOf(record)} and ${nameOf(other)} are both live`);
    live.set(record.hubId, record);
  }
  for (const record of newest.values())
    if (record.event !== null && record.event.op !== 'd' && !live.has(record.hubId))
      problems.push(`${nameOf(record)} is the newest of its hub_id, but would not survive compaction`);
  return problems;
}

/** A `d` is followed by its tombstone, in the same partition, for the same record. */
function deleteViolations(records: readonly SeenRecord[]): string[] {
  return records.flatMap((record, index) => {
    if (record.event?.op !== 'd') return [];
    const next = records[index + 1];
    const followed =
      next && next.event === null && next.ceId === record.ceId && next.partition === record.partition;
    return followed ? [] : [`${nameOf(record)} is a delete that no tombstone follows`];
  });
}
