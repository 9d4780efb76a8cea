import type { EntityName, HubId } from '#contracts';
import type { Queryable } from './pool';
import { runOverRows } from './rows';

/** A normalised code or SKU within its entity. */
export interface EntityCode {
  entity: EntityName;
  code: string;
}

/** Key of an `EntityCode` in a map. */
export const codeKey = (entity: EntityName, code: string): string => `${entity}\u0000${code}`;

/**
 * Gives each code a hub_id that has none, in one short transaction of its own. Rows are inserted in sorted
 * order, so that two systems which bring the same codes at once wait for each other instead of deadlocking,
 * and end with one id. An id that is never used is harmless.
 */
export async function assignHubIds(db: Queryable, codes: readonly EntityCode[]): Promise<void> {
  await runOverRows(
    db,
    `with fresh as (
       insert into identity (entity, code, hub_id)
       select entity, code, gen_random_uuid()
       from (select distinct entity, code from json_to_recordset($1) as r (entity text, code text)) wanted
       order by entity collate "C", code collate "C"
       on conflict (entity, code) do nothing
       returning hub_id, entity)
     insert into hub_record (hub_id, entity) select hub_id, entity from fresh`,
    codes,
  );
}

/** The hub_ids of codes, by `codeKey`. */
export async function findHubIds(db: Queryable, codes: readonly EntityCode[]): Promise<Map<string, HubId>> {
  if (codes.length === 0) return new Map();
  const { rows } = await db.query<{ entity: EntityName; code: string; hub_id: HubId }>(
    `select i.entity, i.code, i.hub_id from identity i
     join json_to_recordset($1) as r (entity text, code text) on i.entity = r.entity and i.code = r.code`,
    [JSON.stringify(codes)],
  );
  return new Map(rows.map((row) => [codeKey(row.entity, row.code), row.hub_id]));
}

/** A code that names another record from now on, or for the first time. */
export interface CodeAssignment extends EntityCode {
  hubId: HubId;
}

/** Points codes at records. The caller holds the locks of the records that they pointed at and point at. */
export async function moveCodes(db: Queryable, assignments: readonly CodeAssignment[]): Promise<void> {
  await runOverRows(
    db,
    `insert into identity (entity, code, hub_id)
     select entity, code, "hubId" from json_to_recordset($1) as r (entity text, code text, "hubId" uuid)
     order by entity, code
     on conflict (entity, code) do update set hub_id = excluded.hub_id`,
    assignments,
  );
}

/** Records that exist from this commit on and that nobody else can know yet. */
export async function insertHubRecords(
  db: Queryable,
  records: readonly { hubId: HubId; entity: EntityName }[],
): Promise<void> {
  await runOverRows(
    db,
    `insert into hub_record (hub_id, entity)
     select "hubId", entity from json_to_recordset($1) as r ("hubId" uuid, entity text)`,
    records,
  );
}

/** Locks the records' rows, in one statement and in sorted order: the mutexes of a commit. */
export async function lockHubRecords(db: Queryable, hubIds: readonly HubId[]): Promise<void> {
  await db.query('select 1 from hub_record where hub_id = any($1::uuid[]) order by hub_id for update', [
    hubIds,
  ]);
}
