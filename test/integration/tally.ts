/** The smallest work that a commit can have: it counts up a version for each record, and says so in the outbox. */
import { randomUUID } from 'node:crypto';
import type { EncodedRecord, HubId } from '#contracts';
import type { CommitDecision, CommitWork } from '#runtime';
import { unpackRecords } from '#store';
import type { Connection } from '#store';
import type { SpineDatabase } from '../support/spine-database';

export const TALLY_TABLES = `
  create table tally (hub_id uuid primary key, version bigint not null);
  create table tally_link (hub_id uuid not null, other uuid not null);
  create table tally_applied (batch uuid not null, hub_id uuid not null);`;

export interface Counted {
  hubId: HubId;
  version: number;
}

interface TallyDecision extends CommitDecision {
  counted: readonly Counted[];
}

/** What a test does in the middle of a batch. `run` is 1 in the first attempt. */
export interface TallyHooks {
  firstLock?(tx: Connection): Promise<void>;
  decide?(tx: Connection, run: number): Promise<void>;
  write?(tx: Connection, run: number): Promise<void>;
}

/** A batch over some records and all that they are linked to. Applied twice it counts once, as source batches do. */
export class TallyBatch implements CommitWork<TallyDecision> {
  private readonly id = randomUUID();
  private touched: readonly HubId[] = [];
  looks = 0;
  runs = 0;
  cachesDropped = 0;
  now = new Date(0);

  constructor(
    private readonly hubIds: readonly HubId[],
    private readonly hooks: TallyHooks = {},
  ) {}

  async firstLock(tx: Connection): Promise<void> {
    await this.hooks.firstLock?.(tx);
  }

  async touches(db: Connection): Promise<ReadonlySet<HubId>> {
    this.looks += 1;
    const { rows } = await db.query<{ other: HubId }>(
      'select other from tally_link where hub_id = any($1::uuid[])',
      [this.hubIds],
    );
    const touched = new Set([...this.hubIds, ...rows.map(({ other }) => other)]);
    this.touched = [...touched];
    return touched;
  }

  async decide(tx: Connection, now: Date): Promise<TallyDecision> {
    this.runs += 1;
    this.now = now;
    await this.hooks.decide?.(tx, this.runs);
    const { rows } = await tx.query<{ hub_id: HubId; version: string }>(
      `select h.hub_id, coalesce(t.version, 0) as version from unnest($1::uuid[]) h (hub_id)
       left join tally t on t.hub_id = h.hub_id
       where not exists (select 1 from tally_applied a where a.hub_id = h.hub_id and a.batch = $2)`,
      [this.touched, this.id],
    );
    const counted = rows.map((row) => ({ hubId: row.hub_id, version: Number(row.version) + 1 }));
    return { counted, records: counted.map((count) => encodeCount(count, now)) };
  }

  async write(tx: Connection, { counted }: TallyDecision): Promise<void> {
    for (const { hubId, version } of counted) {
      await tx.query(
        'insert into tally values ($1, $2) on conflict (hub_id) do update set version = excluded.version',
        [hubId, version],
      );
      await tx.query('insert into tally_applied values ($1, $2)', [this.id, hubId]);
    }
    await this.hooks.write?.(tx, this.runs);
  }

  dropCaches(): void {
    this.cachesDropped += 1;
  }
}

/** Partition of a record: the last digit of its id. */
function encodeCount({ hubId, version }: Counted, now: Date): EncodedRecord {
  return {
    topic: 'tally',
    partition: Number.parseInt(hubId.slice(-1), 16),
    key: Buffer.from(hubId),
    value: Buffer.from(String(version)),
    headers: {},
    timestampMs: now.getTime(),
  };
}

export async function versions(db: SpineDatabase): Promise<Record<HubId, number>> {
  const rows = await db.query<{ hub_id: HubId; version: string }>('select hub_id, version from tally');
  return Object.fromEntries(rows.map((row) => [row.hub_id, Number(row.version)]));
}

/** What waits in the outbox: each row's counts, in the order of the rows' ids. */
export async function outbox(db: SpineDatabase): Promise<(Counted & { shard: number })[][]> {
  const rows = await db.query<{ shard: number; records: Buffer }>(
    'select shard, records from outbox order by id',
  );
  return rows.map(({ shard, records }) =>
    unpackRecords(records).map(({ key, value }) => ({
      shard,
      hubId: key.toString(),
      version: Number(value?.toString()),
    })),
  );
}
