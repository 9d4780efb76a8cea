import type { SourceConnector, SourceTask } from '#connector-sdk';
import type { EntityName } from '#contracts';
import type { SourceMapping } from '#pipeline';
import { openExceptions, resolveExceptions } from '#store';
import type { NewException } from '#store';
import type { Pool } from 'pg';
import { vendorKey } from './source-model';

export interface SweepInput {
  pool: Pool;
  connector: SourceConnector;
  task: SourceTask;
  mapping: SourceMapping;
  deleteGuardShare: number;
}

/** So few missing records are never suspicious, whatever share they are. */
const GUARD_FLOOR = 20;

/**
 * The records to be read directly after a complete pass over the vendor:
 * - those that are live here and that the pass did not show, candidates for a delete. None of them when so many
 *   are missing that a lost permission or a broken index is more likely; then an exception says so;
 * - those that the pass showed and that were never seen here: a list that shifts under a snapshot may hide one.
 */
export async function sweepCandidates(
  input: SweepInput,
): Promise<readonly { entity: EntityName; vendorId: string }[]> {
  const { pool, connector, task, mapping } = input;
  // Known before the pass begins: what arrives while it runs is no candidate.
  const { rows } = await pool.query<{ entity: EntityName; vendor_id: string; live: boolean }>(
    'select entity, vendor_id, live from source_state where system = $1 and entity = any($2)',
    [mapping.system, task.entities],
  );
  const present = await connector.listIds!(task);
  const known = new Set(rows.map((row) => vendorKey(row.entity, row.vendor_id)));
  const unseen = [...present].flatMap(([entity, ids]) =>
    [...ids].filter((id) => !known.has(vendorKey(entity, id))).map((vendorId) => ({ entity, vendorId })),
  );
  const live = rows.filter((row) => row.live);
  const missing = live
    .filter((row) => !present.get(row.entity)?.has(row.vendor_id))
    .map((row) => ({ entity: row.entity, vendorId: row.vendor_id }));
  const subject = { class: 'permission', system: mapping.system, recordKey: `sweep:${task.name}` } as const;
  if (missing.length <= Math.max(GUARD_FLOOR, live.length * input.deleteGuardShare)) {
    await resolveExceptions(pool, [subject]);
    return [...missing, ...unseen];
  }
  await openExceptions(pool, [quarantine(subject, missing.length, live.length, mapping.system)]);
  return unseen;
}

function quarantine(
  subject: Pick<NewException, 'class' | 'system' | 'recordKey'>,
  missing: number,
  known: number,
  system: string,
): NewException {
  const message = `sweeping ${system} for deletes: ${missing} of ${known} records are missing, too many to believe. Nothing was deleted. Check the key's permissions; the next sweep that finds them ends this.`;
  return { ...subject, severity: 'error', message };
}
