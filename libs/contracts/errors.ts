import type { AttributePath, EntityName } from './types';

/** A schema file that is missing, unreadable or wrong. `file` is its path below the directory of schemas. */
export class SchemaError extends Error {
  override name = 'SchemaError';

  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`reading schema ${file}: ${reason}`, options);
  }
}

/**
 * A record that cannot be written without losing something: an attribute that its schema does not know, or a
 * value of another type. The fault lies in this record alone.
 */
export class EncodeError extends Error {
  override name = 'EncodeError';

  constructor(
    readonly entity: EntityName,
    /** The attribute, or the field of the event (`source.ts_ms`), that cannot be written. */
    readonly attribute: AttributePath,
    reason: string,
  ) {
    super(`encoding ${entity} attribute ${attribute}: ${reason}`);
  }
}

/** Bytes that are not what their schema says. The fault lies in this record alone. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

/** What came instead, for a message: short, and telling types apart that look alike. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'object')
    return `an object with ${shorten(Object.keys(value).join(', ')) || 'no fields'}`;
  return `the ${typeof value} ${String(value)}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
