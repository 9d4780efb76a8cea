import type { Connection } from '#store';
import type { Pool } from 'pg';

/**
 * Lends one connection of the pool to `work`, which opens and commits a transaction on it. When `work` throws,
 * whatever is open is rolled back, and a connection that is lost or cannot roll back is thrown away.
 */
export async function onConnection<T>(pool: Pool, work: (tx: Connection) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  // The pool listens only to connections that nobody has. Without a listener, one that dies ends the process.
  const onError = (error: Error): void => void (broken = error);
  tx.on('error', onError);
  try {
    return await work(tx);
  } catch (error) {
    await tx.query('rollback').catch((lost: Error) => void (broken ??= lost));
    throw error;
  } finally {
    tx.off('error', onError);
    // A connection that failed must not go back to the pool half-way through a transaction.
    tx.release(broken);
  }
}
