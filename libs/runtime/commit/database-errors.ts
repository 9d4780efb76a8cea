/**
 * What PostgreSQL's errors mean for a batch. Codes: PostgreSQL documentation, appendix A.
 */

/** SQLSTATE of an error, or the code of a socket error; '' where there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}

const CONTENDED = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available (lock_timeout)
  '57014', // query_canceled (statement_timeout)
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now (the server is starting)
  '57P05', // idle_session_timeout
  '53100', // disk_full
  '53200', // out_of_memory
  '53300', // too_many_connections
  '58000', // system_error
  '58030', // io_error
]);

const SOCKET = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** The message that `pg` gives to a connection that ended without a code. */
const LOST_MESSAGES =
  /connection terminated|connection ended|not queryable|timeout exceeded when trying to connect/i;

/** True when nothing is wrong with the batch: running it again, perhaps later, is the remedy. */
export function isLostOrContended(error: unknown): boolean {
  const code = errorCode(error);
  if (CONTENDED.has(code) || SOCKET.has(code) || code.startsWith('08')) return true;
  return error instanceof Error && code === '' && LOST_MESSAGES.test(error.message);
}

/** True when a value of some record is the cause (class 22, data exception; class 23, constraint). */
export function isDataError(error: unknown): boolean {
  const code = errorCode(error);
  return code.startsWith('22') || code.startsWith('23') || code === '54000';
}
