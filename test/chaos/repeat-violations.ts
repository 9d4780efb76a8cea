/**
 * What `topicViolations` takes for granted: a change that is published again says the same. Equal `ce_id` means
 * equal key, version and `after`; only in an `r` may `op` and `before` differ (architecture §3).
 */
import { isDeepStrictEqual } from 'node:util';
import type { SeenRecord } from '../support/topic-reader';

/** Every version that was published twice with different content, in words. */
export function repeatViolations(records: readonly SeenRecord[]): string[] {
  const first = new Map<string, SeenRecord>();
  return records.flatMap((record) => {
    const id = `${record.ceId} ${record.event === null}`;
    const known = first.get(id);
    if (known)
      return saysTheSame(known, record) ? [] : [`${placeOf(record)} repeats ${placeOf(known)} otherwise`];
    first.set(id, record);
    return [];
  });
}

const placeOf = ({ topic, partition, offset, version }: SeenRecord): string =>
  `${topic}/${partition}@${offset} v${version}`;

function saysTheSame(a: SeenRecord, b: SeenRecord): boolean {
  const content = ({ hubId, key, version, event }: SeenRecord): unknown => [
    hubId,
    key,
    version,
    event?.after,
  ];
  const isRepeatOp = a.event?.op === 'r' || b.event?.op === 'r';
  const change = ({ event }: SeenRecord): unknown => (isRepeatOp ? null : [event?.op, event?.before]);
  return isDeepStrictEqual(content(a), content(b)) && isDeepStrictEqual(change(a), change(b));
}
