import type { Queryable } from './pool';

/** A lease as its holder has it. Everything the holder writes ends with an update under `epoch`. */
export interface HeldLease {
  name: string;
  holder: string;
  epoch: bigint;
  /** Saved source offset of a source task; null where none was saved. */
  sourceOffset: unknown;
  detail: Record<string, unknown>;
}

interface LeaseRow {
  epoch: string;
  source_offset: unknown;
  detail: Record<string, unknown>;
}

/**
 * Takes a lease that is free or expired and raises its epoch; null while somebody else holds it. The clock
 * is the database's, so that holders on machines with different clocks agree on when it expires.
 */
export async function takeLease(
  db: Queryable,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<HeldLease | null> {
  const { rows } = await db.query<LeaseRow>(
    `insert into lease as l (name, holder, epoch, expires_at)
     values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms')
     on conflict (name) do update
       set holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
       where l.expires_at <= clock_timestamp()
     returning epoch, source_offset, detail`,
    [name, holder, ttlMs],
  );
  const row = rows[0];
  return row
    ? { name, holder, epoch: BigInt(row.epoch), sourceOffset: row.source_offset, detail: row.detail }
    : null;
}

/** What a holder writes into its lease along with its work. */
export interface LeaseUpdate {
  sourceOffset?: unknown;
  /** Merged into the present detail. */
  detail?: Record<string, unknown>;
}

/**
 * Extends the lease and writes `update`, if it is still held under this epoch. False means that somebody
 * else has taken over: the caller must roll back, drop its caches and stop.
 */
export async function confirmLease(
  db: Queryable,
  lease: Pick<HeldLease, 'name' | 'epoch'>,
  ttlMs: number,
  update: LeaseUpdate = {},
): Promise<boolean> {
  const result = await db.query(
    `update lease set
       expires_at = clock_timestamp() + $3 * interval '1 ms',
       source_offset = case when $4::jsonb is null then source_offset else $4::jsonb end,
       detail = detail || coalesce($5::jsonb, '{}')
     where name = $1 and epoch = $2`,
    [
      lease.name,
      lease.epoch.toString(),
      ttlMs,
      update.sourceOffset === undefined ? null : JSON.stringify(update.sourceOffset),
      update.detail === undefined ? null : JSON.stringify(update.detail),
    ],
  );
  return result.rowCount === 1;
}

/** Gives a lease back, so that another process may take it at once. Does nothing if it is held no more. */
export async function releaseLease(db: Queryable, lease: Pick<HeldLease, 'name' | 'epoch'>): Promise<void> {
  await db.query('update lease set expires_at = clock_timestamp() where name = $1 and epoch = $2', [
    lease.name,
    lease.epoch.toString(),
  ]);
}
