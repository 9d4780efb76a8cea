/**
 * The thrown form of a `SyncFault`, and its constructors. A fault's kind says who acts: `config` the platform
 * team, `transient` nobody (it is retried), `rejected` merchandising, `system` Millrace's own people.
 */
import type { FaultKind, SyncFault } from './contract';

/** What may be added to a fault beside kind, code and message. */
export type FaultDetails = Pick<SyncFault, 'attribute' | 'retryAfterMs' | 'cause'>;

/** A `SyncFault` that can be thrown. Its message is the fault's message, so that a log line reads well. */
export class SyncFaultError extends Error {
  readonly fault: SyncFault;

  constructor(fault: SyncFault) {
    super(fault.message, { cause: fault.cause });
    this.name = 'SyncFaultError';
    this.fault = fault;
  }
}

const constructorOf =
  (kind: FaultKind) =>
  (code: string, message: string, details: FaultDetails = {}): SyncFaultError =>
    new SyncFaultError({ kind, code, message, ...details });

/** Something that the platform team must set right: credentials, addresses, permissions. */
export const configFault = constructorOf('config');
/** Something that passes by itself; it is retried. */
export const transientFault = constructorOf('transient');
/** The other side refused this one record; it becomes a sync exception. */
export const rejectedFault = constructorOf('rejected');
/** Something that should not happen; Millrace itself is wrong, or an assumption about the vendor is. */
export const systemFault = constructorOf('system');

/** True for what an aborted signal throws: not a failure, somebody asked to stop. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'RequestAbortedError');
}

/** The fault inside whatever was thrown. What is not a fault is `system`, except an abort, which is `transient`. */
export function asFault(error: unknown): SyncFault {
  if (error instanceof SyncFaultError) return error.fault;
  if (isAbort(error)) {
    return {
      kind: 'transient',
      code: 'aborted',
      message: 'stopping: the work was interrupted',
      cause: error,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'system', code: 'unexpected', message, cause: error };
}
