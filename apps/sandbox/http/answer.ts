/** What a handler gives back: one complete HTTP answer, built before anything is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer | null;
}

/** Any JSON value, as a request carries it and an answer prints it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** True for `{…}`: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An answer with a JSON body. */
export function json(status: number, value: Json, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

/** An answer without a body, such as 204. */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: null };
}

/** A redirect; 303 after a form was saved, 308 where method and body are to be kept. */
export function redirect(status: 303 | 308, location: string): Answer {
  return { status, headers: { location }, body: null };
}
