import type { Json } from '../http/answer';
import type { Answer } from '../http/answer';
import type { Route } from '../http/router';
import type { Actor } from './model';
import type { MatchCache } from './search/engine';
import type { Tenant } from './tenant';

/** A call that has passed the gate: authenticated, within its limits, its body decoded. */
export interface ApiCall {
  tenant: Tenant;
  actor: Actor;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: Json;
  matches: MatchCache;
}

/** Answers a call, or throws an `ApiError`. Synchronous: nothing happens between a check and its write. */
export type ApiHandler = (call: ApiCall) => Answer;

/** A route of the API. A table of these per resource is the sandbox's list of endpoints. */
export type ApiRoute = Route<ApiHandler>;

/** A route parameter that the pattern is known to have. */
export function param(call: ApiCall, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`handling a call: the route has no parameter ${name}`);
  return value;
}
