import { json, redirect } from '../http/answer';
import type { Answer, Json } from '../http/answer';
import { Router } from '../http/router';
import type { CallCounter } from '../http/calls';
import type { SandboxRequest } from '../http/server';
import type { ApiRoute } from './api';
import type { TokenOffice } from './auth';
import { unrecorded } from './choices';
import { ApiError, decodeFailed } from './errors';
import type { RateLimiter } from './limiter';
import { productRoutes } from './products/routes';
import { assetRoutes } from './resources/assets';
import { attributeRoutes } from './resources/attributes';
import { categoryRoutes } from './resources/categories';
import { familyRoutes } from './resources/families';
import { filterRoutes } from './resources/filters';
import { groupRoutes } from './resources/groups';
import { MatchCache } from './search/engine';
import type { Tenant } from './tenant';

/** Every endpoint of the API that the sandbox has. What is not here answers 404, or 405 for another method. */
export function apiRoutes(): ApiRoute[] {
  return [
    ...productRoutes(),
    ...attributeRoutes(),
    ...groupRoutes(),
    ...familyRoutes(),
    ...categoryRoutes(),
    ...filterRoutes(),
    ...assetRoutes(),
  ];
}

export interface GateParts {
  tenant: Tenant;
  tokens: TokenOffice;
  limiter: RateLimiter;
  authLimiter: RateLimiter;
  calls: CallCounter;
}

/**
 * Checks a call in the service's order: redirect of a trailing slash, token, limits, route, JSON. What is left
 * (schema, then meaning) is the handlers'.
 */
export class Gate {
  private readonly router = new Router(apiRoutes());
  private readonly matches = new MatchCache();

  constructor(private readonly parts: GateParts) {}

  /** Answers a call below `/api` or `/auth`. */
  respond(request: SandboxRequest): Answer {
    try {
      return request.path.startsWith('/auth/') ? this.authenticate(request) : this.call(request);
    } catch (error) {
      if (error instanceof ApiError) return error.toAnswer();
      throw error;
    }
  }

  private authenticate(request: SandboxRequest): Answer {
    this.parts.calls.count(`${request.method} ${request.path}`);
    if (request.path !== '/auth/api/get-token') throw new ApiError(404, unrecorded.routeNotFound);
    if (request.method !== 'POST') throw new ApiError(405, unrecorded.methodNotAllowed);
    const waitMs = this.parts.authLimiter.admit();
    if (waitMs !== null) throw this.tooMany(waitMs);
    return this.parts.tokens.exchange(decode(request.body));
  }

  private call(request: SandboxRequest): Answer {
    const path = collapseLeadingSlashes(request.path);
    // A client loses its Authorization header on such a redirect; the service's status is unknown.
    if (path.endsWith('/')) return redirect(308, withQuery(path.replace(/\/+$/, ''), request.query));
    const { tenant, tokens, limiter, calls } = this.parts;
    const match = this.router.match(request.method, path);
    calls.count(`${request.method} ${match.kind === 'found' ? match.route.path : path}`);
    tokens.check(request.headers.authorization);
    const waitMs = limiter.admit();
    if (waitMs !== null) return this.tooMany(waitMs).toAnswer();
    if (path.startsWith('/api/v1/jobs/')) throw new ApiError(403, unrecorded.jobsForbidden);
    if (match.kind === 'unknown') throw new ApiError(404, unrecorded.routeNotFound);
    if (match.kind === 'wrong-method') {
      const headers = { allow: match.allow.join(', ') };
      throw new ApiError(405, unrecorded.methodNotAllowed, undefined, headers);
    }
    // A route that takes no body, such as the one that links a variant, never looks at it.
    const body = request.body.length > 0 && request.method !== 'GET' ? decode(request.body) : undefined;
    return match.route.handle({
      tenant,
      actor: tenant.key.actor,
      params: match.params,
      query: request.query,
      get body() {
        if (body === undefined) throw decodeFailed('the body is empty');
        return body;
      },
      matches: this.matches,
    });
  }

  private tooMany(waitMs: number): ApiError {
    const seconds = String(Math.ceil(waitMs / 1000));
    switch (this.parts.tenant.choices.rateLimitAnswer) {
      case 'bare':
        return new ApiError(429, unrecorded.rateLimited);
      case 'gateway':
        return new GatewayError(seconds);
      case 'retry-after':
        return new ApiError(429, unrecorded.rateLimited, undefined, { 'retry-after': seconds });
    }
  }
}

/** An answer of the gateway in front of the service: another shape, without `error`. */
class GatewayError extends ApiError {
  constructor(private readonly seconds: string) {
    super(429, unrecorded.gatewayRateLimited);
  }

  override toAnswer(): Answer {
    return json(429, { message: unrecorded.gatewayRateLimited }, { 'retry-after': this.seconds });
  }
}

function decode(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch (error) {
    throw decodeFailed(error instanceof Error ? error.message : 'not JSON');
  }
}

/** Several slashes at the start count as one. */
function collapseLeadingSlashes(path: string): string {
  return path.replace(/^\/{2,}/, '/');
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size > 0 ? `${path}?${query}` : path;
}
