import { systemFault } from '#connector-sdk';
import type { BatchWrite, WriteOutcome } from '#connector-sdk';
import { MART_ENTITIES, isMartEntity } from './postgres.columns';
import type { MartEntity } from './postgres.columns';
import { mayHoldNonText, nonTextFault, rowOf } from './postgres.rows';

/** A write that is ready to be sent: its row as JSON text, and where its outcome belongs. */
export interface PreparedRow {
  index: number;
  write: BatchWrite;
  json: string;
}

/** Rows of one statement, ascending by hub_id. */
export interface Statement {
  entity: MartEntity;
  rows: readonly PreparedRow[];
}

export interface PreparedBatch {
  /** In the order in which every transaction writes: by entity, then by hub_id. So no two deadlock. */
  statements: readonly Statement[];
  /** Writes that no statement could bring to the table, by index. */
  refused: ReadonlyMap<number, WriteOutcome>;
}

/**
 * Lays out writes as statements of at most `maxRows` rows, and sorts out those that PostgreSQL would refuse.
 * @throws `system` fault when a record comes twice or has no table: the caller broke its promise.
 */
export function prepareBatch(writes: readonly BatchWrite[], maxRows: number): PreparedBatch {
  const byEntity = new Map<MartEntity, PreparedRow[]>(MART_ENTITIES.map((entity) => [entity, []]));
  const refused = new Map<number, WriteOutcome>();
  for (const [index, write] of writes.entries()) {
    const { entity } = write;
    if (!isMartEntity(entity)) throw systemFault('no_table', `writing postgres ${entity}: it has no table`);
    const prepared = prepareRow(entity, write);
    if ('fault' in prepared) refused.set(index, { status: 'failed', fault: prepared.fault });
    else byEntity.get(entity)!.push({ index, write, json: prepared.json });
  }
  const statements = [...byEntity].flatMap(([entity, rows]) => inStatements(entity, rows, maxRows));
  return { statements, refused };
}

/** The parameter of a statement: a JSON list of rows. */
export function parameterOf(rows: readonly PreparedRow[]): string {
  return `[${rows.map(({ json }) => json).join(',')}]`;
}

function prepareRow(entity: MartEntity, write: BatchWrite) {
  const laidOut = rowOf(entity, write);
  if ('fault' in laidOut) return laidOut;
  const json = JSON.stringify(laidOut.row);
  const fault = mayHoldNonText(json) ? nonTextFault(entity, write) : null;
  return fault === null ? { json } : { fault };
}

function inStatements(entity: MartEntity, rows: PreparedRow[], maxRows: number): Statement[] {
  rows.sort((a, b) => (a.write.hubId < b.write.hubId ? -1 : 1));
  const twice = rows.find(({ write }, i) => write.hubId === rows[i + 1]?.write.hubId);
  if (twice !== undefined) {
    throw systemFault(
      'duplicate_write',
      `writing postgres ${entity} ${twice.write.hubId}: it comes twice in one batch`,
    );
  }
  const statements: Statement[] = [];
  for (let from = 0; from < rows.length; from += maxRows) {
    statements.push({ entity, rows: rows.slice(from, from + maxRows) });
  }
  return statements;
}
