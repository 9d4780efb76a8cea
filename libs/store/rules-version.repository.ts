import type { Connection, Queryable } from './pool';

/** Key of the advisory lock under which catalog commits fold (shared) and a rules version is activated (exclusive). */
const RULES_LOCK = 7_102_002;

export interface RulesVersion {
  number: number;
  hash: string;
}

/** The rules version in force; null before the first activation. */
export async function currentRules(db: Queryable): Promise<RulesVersion | null> {
  const { rows } = await db.query<RulesVersion>(
    'select number, hash from rules_version order by number desc limit 1',
  );
  return rows[0] ?? null;
}

/** The very first lock of a catalog commit: no rules version is activated until its transaction ends. */
export async function lockRulesShared(tx: Connection): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared($1)', [RULES_LOCK]);
}

/**
 * Makes these rules the ones in force, unless they are already. Waits until no commit folds by the old ones.
 * `activated` tells whether a new number was given.
 */
export async function activateRules(
  tx: Connection,
  hash: string,
  text: Readonly<Record<string, string>>,
): Promise<RulesVersion & { activated: boolean }> {
  await tx.query('select pg_advisory_xact_lock($1)', [RULES_LOCK]);
  const current = await currentRules(tx);
  if (current?.hash === hash) return { ...current, activated: false };
  const number = (current?.number ?? 0) + 1;
  await tx.query('insert into rules_version (number, hash, text) values ($1, $2, $3)', [
    number,
    hash,
    JSON.stringify(text),
  ]);
  return { number, hash, activated: true };
}
