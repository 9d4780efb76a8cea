import type { Pool } from 'pg';
import { HubRepository } from './hub.repository';
import type { ExceptionFilter } from './hub.repository';
import { connectorOf } from './lease-detail';
import type { LeaseRow } from './lease-detail';
import type { ConnectorStatus, ExceptionCount, ExceptionStatus } from './status.types';
import type { OutboxStatus, RecordCount, RefusedCount } from './status.types';

/** Reads the hub database with small queries; writes nothing. `pool` has the hub's schema as search path. */
export class PgHubRepository extends HubRepository {
  constructor(private readonly pool: Pool) {
    super();
  }

  async ping(): Promise<void> {
    await this.pool.query('select 1');
  }

  async connectors(): Promise<ConnectorStatus[]> {
    const { rows } = await this.pool.query<LeaseRow>(
      `select name, holder, expires_at > clock_timestamp() as held, detail
         from lease where name like 'source:%' order by name`,
    );
    return rows.flatMap((row) => connectorOf(row) ?? []);
  }

  async records(): Promise<RecordCount[]> {
    const { rows } = await this.pool.query<RecordCount>(
      `select entity,
              count(*) filter (where live)::int as live,
              count(*) filter (where not live)::int as deleted
         from golden_record group by entity order by entity`,
    );
    return rows;
  }

  async refused(): Promise<RefusedCount[]> {
    const { rows } = await this.pool.query<RefusedCount>(
      `select system, entity, split_part(attribute, '.', 1) as "group",
              count(*)::int as values, sum(occurrences)::float8 as occurrences
         from denied_value group by 1, 2, 3 order by 1, 2, 3`,
    );
    return rows;
  }

  async exceptionCounts(): Promise<ExceptionCount[]> {
    const { rows } = await this.pool.query<Omit<ExceptionCount, 'oldestAt'> & { oldest_at: Date }>(
      `select class, severity, count(*)::int as open, min(first_at) as oldest_at
         from sync_exception where state <> 'resolved' group by class, severity order by class, severity`,
    );
    return rows.map(({ oldest_at, ...row }) => ({ ...row, oldestAt: oldest_at.toISOString() }));
  }

  async outbox(): Promise<OutboxStatus[]> {
    const { rows } = await this.pool.query<{ shard: number; rows: number; oldest_at: Date | null }>(
      `select shard, count(*)::int as rows, min(created_at) as oldest_at from outbox group by shard order by shard`,
    );
    return rows.map(({ oldest_at, ...row }) => ({ ...row, oldestAt: oldest_at?.toISOString() ?? null }));
  }

  async exceptions({ state, class: ofClass, system, limit }: ExceptionFilter): Promise<ExceptionStatus[]> {
    const { rows } = await this.pool.query<ExceptionRow>(
      `select id, class, severity, state, system, entity, record_key, attribute, target, message,
              occurrences::float8 as occurrences, first_at, last_at
         from sync_exception
        where ($1 = 'all' or (state = 'resolved') = ($1 = 'resolved'))
          and ($2::text is null or class = $2)
          and ($3::text is null or system = $3)
        order by last_at desc, id limit $4`,
      [state, ofClass ?? null, system ?? null, limit],
    );
    return rows.map(({ record_key, first_at, last_at, ...row }) => ({
      ...row,
      recordKey: record_key,
      firstAt: first_at.toISOString(),
      lastAt: last_at.toISOString(),
    }));
  }
}

type ExceptionRow = Omit<ExceptionStatus, 'recordKey' | 'firstAt' | 'lastAt'> & {
  record_key: string | null;
  first_at: Date;
  last_at: Date;
};
