import { isJsonObject } from '../../http/answer';
import type { Json, JsonObject } from '../../http/answer';
import { unrecorded } from '../choices';
import { schemaError } from '../errors';

/** The body as an object; anything else is a 422. */
export function objectBody(body: Json): JsonObject {
  if (!isJsonObject(body)) throw schemaError('_schema', unrecorded.notObject);
  return body;
}

/** A text that has to be there and not blank. */
export function requiredText(body: JsonObject, key: string): string {
  const value = body[key];
  if (value === undefined || value === null) throw schemaError(key, unrecorded.missingField);
  if (typeof value !== 'string' || value.trim() === '') throw schemaError(key, unrecorded.notString);
  return value;
}

export function optionalText(body: JsonObject, key: string): string | null | undefined {
  const value = body[key];
  if (value === undefined || value === null) return value;
  if (typeof value !== 'string') throw schemaError(key, unrecorded.notString);
  return value;
}

export function optionalBoolean(body: JsonObject, key: string): boolean | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw schemaError(key, unrecorded.notBoolean);
  return value;
}

/** A list of texts; null counts as an empty one. */
export function optionalTexts(body: JsonObject, key: string): string[] | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw schemaError(key, unrecorded.notList);
  }
  return value;
}
