import type { Queryable } from './pool';

/** Numbers on which the place of every record depends. */
export interface Topology {
  /** Partitions of every topic that is keyed by product. */
  partitions: number;
  /** Publisher shards; a partition belongs to shard `partition % shards`. */
  shards: number;
}

/** Default for a new installation. */
export const DEFAULT_TOPOLOGY: Topology = { partitions: 6, shards: 2 };

/**
 * The topology of this installation. The first process to ask writes `wanted`; after that the rows decide,
 * for a record's partition must not change while events of it wait in the outbox.
 */
export async function readTopology(db: Queryable, wanted: Topology = DEFAULT_TOPOLOGY): Promise<Topology> {
  await db.query(
    `insert into topology (name, value) values ('partitions', $1), ('shards', $2) on conflict (name) do nothing`,
    [wanted.partitions, wanted.shards],
  );
  const { rows } = await db.query<{ name: string; value: number }>('select name, value from topology');
  const values = new Map(rows.map((row) => [row.name, row.value]));
  return {
    partitions: values.get('partitions') ?? wanted.partitions,
    shards: values.get('shards') ?? wanted.shards,
  };
}
