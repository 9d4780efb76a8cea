import type { EntityName, HubId } from '#contracts';
import type { Queryable } from '#store';

/** A record that a target could not be brought to. */
export interface OpenFailure {
  entity: EntityName;
  hubId: HubId;
  /** The newest version that failed; null where it was not kept. */
  version: number | null;
}

/** Tells which records have an open exception in a target, whichever instance opened it. */
export interface OpenFailures {
  of(target: string): Promise<readonly OpenFailure[]>;
}

/** Reads them from the journal in the hub database; `exceptionOf` keeps the version in `original`. */
export class StoreOpenFailures implements OpenFailures {
  constructor(private readonly db: Queryable) {}

  async of(target: string): Promise<readonly OpenFailure[]> {
    const { rows } = await this.db.query<{ entity: EntityName; hub_id: HubId; version: string | null }>(
      `select entity, hub_id, max((original ->> 'version')::bigint) as version
       from sync_exception
       where target = $1 and state <> 'resolved' and entity is not null and hub_id is not null
       group by entity, hub_id`,
      [target],
    );
    return rows.map(({ entity, hub_id, version }) => ({
      entity,
      hubId: hub_id,
      version: version === null ? null : Number(version),
    }));
  }
}
