/** Plytix's error bodies in words. */
import { configFault, SyncFaultError, transientFault } from '#connector-sdk';
import { errorBody } from './plytix.types';

/**
 * "product data validation failed (status: Value is not valid, …)". null when the body has not Plytix's form, such
 * as the gateway's `{"message": …}`, which is quoted as it is.
 */
export function describePlytixError(body: unknown): string | null {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return null;
  const { msg, errors = [] } = parsed.data.error;
  const details = errors
    .filter(({ field }) => field !== 'http_status_code')
    .map(({ field, msg }) => `${field}: ${text(msg)}`);
  return `${text(msg)}${details.length > 0 ? ` (${details.join('; ')})` : ''}`;
}

function text(message: unknown): string {
  return typeof message === 'string' ? message.trim() : JSON.stringify(message);
}

/**
 * A refused search is not about one record. An unknown column (422) is a definition that changed since it was read,
 * and is read anew with the next attempt; a path that does not exist is a wrong address.
 */
export function searchFault(error: unknown): unknown {
  if (!(error instanceof SyncFaultError) || error.fault.kind !== 'rejected') return error;
  const { code, message } = error.fault;
  if (code === 'http_404') return configFault(code, `${message}. Check PLYTIX_URL`, { cause: error });
  return transientFault(code, message, { cause: error });
}
