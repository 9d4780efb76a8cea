import { openExceptions, resolveExceptions } from '#store';
import type { ExceptionFilter, NewException, Queryable } from '#store';

/** Where sync exceptions are kept. Opening one that is open counts an occurrence; resolving ends all that match. */
export interface ExceptionJournal {
  open(exception: NewException): Promise<void>;
  resolve(filter: ExceptionFilter): Promise<void>;
}

/** The journal in the hub database. */
export class StoreExceptionJournal implements ExceptionJournal {
  constructor(private readonly db: Queryable) {}

  open(exception: NewException): Promise<void> {
    return openExceptions(this.db, [exception]);
  }

  resolve(filter: ExceptionFilter): Promise<void> {
    return resolveExceptions(this.db, [filter]);
  }
}
