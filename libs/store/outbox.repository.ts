import type { EncodedRecord } from '#contracts';
import type { Queryable } from './pool';

/** One outbox row: the records of one commit for one shard, in the order in which they are to be published. */
export interface OutboxRow {
  id: string;
  records: EncodedRecord[];
}

interface RecordMeta {
  topic: string;
  partition: number;
  timestampMs: number;
  keyLength: number;
  /** -1 for a tombstone. */
  valueLength: number;
  /** Text as it is, bytes as `{ b: base64 }`. */
  headers: Record<string, string | { b: string }>;
}

/**
 * Packs records into the bytes of an outbox row: a 4-byte length, the records' metadata as JSON, then keys
 * and values end to end. The event bytes are not touched.
 */
export function packRecords(records: readonly EncodedRecord[]): Buffer {
  const metas = records.map((record): RecordMeta => {
    const headers: RecordMeta['headers'] = {};
    for (const [name, value] of Object.entries(record.headers))
      headers[name] = typeof value === 'string' ? value : { b: value.toString('base64') };
    return {
      topic: record.topic,
      partition: record.partition,
      timestampMs: record.timestampMs,
      keyLength: record.key.length,
      valueLength: record.value?.length ?? -1,
      headers,
    };
  });
  const meta = Buffer.from(JSON.stringify(metas));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(meta.length);
  return Buffer.concat([length, meta, ...records.flatMap((r) => (r.value ? [r.key, r.value] : [r.key]))]);
}

/** The inverse of `packRecords`. */
export function unpackRecords(packed: Buffer): EncodedRecord[] {
  const metaEnd = 4 + packed.readUInt32BE(0);
  const metas = JSON.parse(packed.toString('utf8', 4, metaEnd)) as RecordMeta[];
  let position = metaEnd;
  const take = (length: number): Buffer => packed.subarray(position, (position += length));
  return metas.map((meta) => {
    const headers: EncodedRecord['headers'] = {};
    for (const [name, value] of Object.entries(meta.headers))
      headers[name] = typeof value === 'string' ? value : Buffer.from(value.b, 'base64');
    const key = take(meta.keyLength);
    const value = meta.valueLength < 0 ? null : take(meta.valueLength);
    return {
      topic: meta.topic,
      partition: meta.partition,
      timestampMs: meta.timestampMs,
      key,
      value,
      headers,
    };
  });
}

/** Writes one row for each shard. Called last in a commit, while the records' locks are held. */
export async function insertOutbox(
  db: Queryable,
  byShard: ReadonlyMap<number, readonly EncodedRecord[]>,
): Promise<void> {
  for (const [shard, records] of [...byShard].sort(([a], [b]) => a - b))
    await db.query('insert into outbox (shard, records) values ($1, $2)', [shard, packRecords(records)]);
}

/** The oldest rows of a shard that are visible now, about `maxBytes` of them and at least one. */
export async function readOutbox(db: Queryable, shard: number, maxBytes: number): Promise<OutboxRow[]> {
  const { rows } = await db.query<{ id: string; records: Buffer }>(
    `select id, records from (
       select id, records, coalesce(sum(length(records)) over (order by id rows between unbounded preceding and 1 preceding), 0) as before
       from (select id, records from outbox where shard = $1 order by id limit 500) oldest
     ) running where before < $2 order by id`,
    [shard, maxBytes],
  );
  return rows.map((row) => ({ id: row.id, records: unpackRecords(row.records) }));
}

/** Deletes exactly these rows; never a range, for smaller ids of other records may become visible later. */
export async function deleteOutbox(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query('delete from outbox where id = any($1::bigint[])', [ids]);
}

/** Rows that wait to be published, for status and for `republish`, which waits until there are none. */
export async function countOutbox(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: string }>('select count(*) from outbox');
  return Number(rows[0]?.count ?? 0);
}
