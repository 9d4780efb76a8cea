import { SyncFaultError, isAbort } from '#connector-sdk';
import type { FaultKind } from '#connector-sdk';

/**
 * What an error of PostgreSQL means for a sink, by SQLSTATE or its class (its first two characters):
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const KIND_BY_STATE: Readonly<Record<string, FaultKind>> = {
  '08': 'transient', // connection exceptions
  '25': 'transient', // read-only after a fail-over, ended while idle in a transaction
  '28': 'config', // wrong user or password
  '3D': 'config', // no such database
  '3F': 'config', // no such schema
  '40': 'transient', // deadlock, serialisation failure, outcome unknown
  '42': 'config', // a table or column was dropped, or a right is missing
  '53': 'transient', // disk full, out of memory, too many connections
  '55': 'transient', // lock not available
  '57': 'transient', // shutting down, starting up, cancelled by a time-out
  '58': 'transient', // input or output error of the server's system
};

/** Errors of the socket, by Node's code. */
const SOCKET_CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** node-postgres gives its own connection errors no code, only these words. */
const CONNECTION_WORDS = /connection terminated|connection error|connecting|timeout|not queryable|socket/i;

/** SQLSTATE of an error that the server sent; null for everything else. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !SOCKET_CODES.has(code) ? code : null;
}

/**
 * True when the server refused a value rather than the work: data exceptions (22), broken constraints (23),
 * limits such as an index entry that is too long (54). Such a row fails alone, again and again.
 */
export function isDataError(error: unknown): boolean {
  return /^(?:22|23|54)/.test(sqlState(error) ?? '');
}

/** The thrown fault for an error of node-postgres while doing something (a gerund phrase with its subject). */
export function postgresFault(doing: string, error: unknown): SyncFaultError {
  if (error instanceof SyncFaultError) return error;
  const state = sqlState(error);
  return new SyncFaultError({
    kind: kindOf(error, state),
    code: state === null ? connectionCode(error) : `sqlstate_${state}`,
    message: `${doing}: ${wordsOf(error)}`,
    cause: error,
  });
}

/** What the server or the driver said. A failed connection to several addresses comes as an empty AggregateError. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The column that the server named with a refused row (only not-null and check violations do). */
export function refusedColumn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('column' in error)) return undefined;
  return typeof error.column === 'string' ? error.column : undefined;
}

function kindOf(error: unknown, state: string | null): FaultKind {
  if (state !== null) return KIND_BY_STATE[state.slice(0, 2)] ?? 'system';
  return isAbort(error) || connectionCode(error) !== 'unexpected' ? 'transient' : 'system';
}

function connectionCode(error: unknown): string {
  if (error instanceof AggregateError) return connectionCode(error.errors[0]);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && SOCKET_CODES.has(code)) return code.toLowerCase();
  return CONNECTION_WORDS.test(wordsOf(error)) ? 'connection_lost' : 'unexpected';
}
