import { isDataError } from './database-errors';

/**
 * Commits a batch; when a value in it is refused by the database, halves it until the record is found that is
 * the cause. That one goes to `onPoison`; all others are committed, in their order.
 *
 * @param isPoison further errors that one record can cause, such as one that cannot be encoded
 */
export async function commitNarrowing<T>(
  items: readonly T[],
  commit: (items: readonly T[]) => Promise<void>,
  onPoison: (item: T, error: unknown) => Promise<void>,
  isPoison: (error: unknown) => boolean = isDataError,
): Promise<void> {
  try {
    await commit(items);
  } catch (error) {
    if (!isPoison(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) return onPoison(only, error);
    if (items.length === 0) throw error;
    const middle = Math.ceil(items.length / 2);
    await commitNarrowing(items.slice(0, middle), commit, onPoison, isPoison);
    await commitNarrowing(items.slice(middle), commit, onPoison, isPoison);
  }
}
