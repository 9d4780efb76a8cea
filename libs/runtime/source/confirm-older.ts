import type { Observation, SourceConnector, SourceTask } from '#connector-sdk';
import type { SystemName } from '#contracts';
import type { Queryable } from '#store';
import { vendorKey } from './source-model';

interface Accepted {
  entity: string;
  vendor_id: string;
  changed_at_ms: string | null;
  answered_at_ms: string;
}

/**
 * Guards re-reads of one vendor id. A list may lag behind, and pages may be read before an edit and processed
 * after it:
 * - a record in a list with an older time than the one accepted last is read directly, and that answer wins
 *   (a restore may have set the time back); so is one that was deleted since, lest a list that lags revive it;
 * - at equal time, an answer whose request began before the last accepted answer arrived tells nothing new,
 *   and is dropped.
 */
export async function confirmOlder(
  db: Queryable,
  system: SystemName,
  connector: SourceConnector,
  task: SourceTask,
  observations: readonly Observation[],
): Promise<Observation[]> {
  const listed = observations.filter((o) => o.kind === 'present');
  if (listed.length === 0) return [...observations];
  const { rows } = await db.query<Accepted>(
    `select entity, vendor_id, changed_at_ms, answered_at_ms from source_state s
     join json_to_recordset($2) as r (e text, v text) on s.entity = r.e and s.vendor_id = r.v
     where s.system = $1`,
    [system, JSON.stringify(listed.map((o) => ({ e: o.entity, v: o.vendorId })))],
  );
  const accepted = new Map(
    rows.map((row) => [vendorKey(row.entity as Observation['entity'], row.vendor_id), row]),
  );
  const result: Observation[] = [];
  for (const observation of observations) {
    const last = accepted.get(vendorKey(observation.entity, observation.vendorId));
    if (observation.kind !== 'present' || !last || last.changed_at_ms === null) result.push(observation);
    else if (observation.changedAtMs < Number(last.changed_at_ms) && !observation.direct)
      result.push(await connector.read(task, observation.entity, observation.vendorId));
    else if (!isRepeat(observation, last)) result.push(observation);
  }
  return result;
}

function isRepeat(observation: Observation & { kind: 'present' }, last: Accepted): boolean {
  const sameTime = observation.changedAtMs === Number(last.changed_at_ms);
  return sameTime && observation.requestedAtMs < Number(last.answered_at_ms);
}
