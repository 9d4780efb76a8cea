import type { Queryable } from './pool';

/**
 * Runs a statement over many rows that travel as one JSON parameter (`$1`), which
 * `json_to_recordset` turns back into rows: one round trip, one plan, no limit on the number of parameters.
 * Further parameters follow as `$2`, `$3`, …
 */
export async function runOverRows(
  db: Queryable,
  sql: string,
  rows: readonly object[],
  ...parameters: unknown[]
): Promise<number> {
  if (rows.length === 0) return 0;
  const result = await db.query(sql, [JSON.stringify(rows), ...parameters]);
  return result.rowCount ?? 0;
}
