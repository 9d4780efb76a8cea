import { createHmac, timingSafeEqual } from 'node:crypto';
import { isJsonObject, json } from '../http/answer';
import type { Answer, Json, JsonObject } from '../http/answer';
import { UNLIMITED, unrecorded } from './choices';
import { ApiError, decodeFailed } from './errors';
import type { RateWindow } from './limiter';
import type { Tenant } from './tenant';

const LIFETIME_S = 900;

/** Gives and checks the tokens of one account: JWTs (RFC 7519) signed with HS256, good for 15 minutes. */
export class TokenOffice {
  /** Tokens issued at or before this second are expired, whatever they say. */
  private expiredBeforeS = 0;
  private readonly secret: string;

  constructor(
    private readonly tenant: Tenant,
    private readonly windows: readonly RateWindow[],
  ) {
    // Derived, so that a token stays good when the sandbox restarts, as it does at the service.
    this.secret = createHmac('sha256', tenant.key.api_password).update(tenant.key.api_key).digest('hex');
  }

  /** Answers `POST /auth/api/get-token`. */
  exchange(body: Json): Answer {
    const { api_key, api_password } = isJsonObject(body) ? body : {};
    if (typeof api_key !== 'string' || typeof api_password !== 'string') {
      throw decodeFailed('api_key and api_password are required');
    }
    const { key } = this.tenant;
    if (!same(api_key, key.api_key)) return this.refuse('Query did not throw any results');
    if (!same(api_password, key.api_password)) return this.refuse('Credentials not valid');
    // The refresh token is undocumented, and no endpoint takes it.
    const data = [{ access_token: this.issue(), refresh_token: 'refresh_token' }];
    return json(200, { data }, { 'ratelimit-limit': '8', 'x-ratelimit-limit-second': '8' });
  }

  /** Passes a request with a good token; throws the 401 otherwise. */
  check(authorization: string | undefined): void {
    if (authorization === undefined || authorization === '')
      throw new ApiError(401, 'Missing Authorization Header');
    const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
    const claims = token === undefined ? null : this.verify(token);
    if (!claims) throw new ApiError(401, unrecorded.badToken);
    const now = Math.floor(this.tenant.clock.now() / 1000);
    if (claims.exp <= now || claims.iat < this.expiredBeforeS)
      throw new ApiError(401, unrecorded.expiredToken);
  }

  /** Every token given so far is expired from now on. */
  expireAll(): void {
    this.expiredBeforeS = Math.floor(this.tenant.clock.now() / 1000) + 1;
  }

  private issue(): string {
    // Never from before the last `expireAll`, which would make the new token expired as well.
    const iat = Math.max(Math.floor(this.tenant.clock.now() / 1000), this.expiredBeforeS);
    const payload = { iat, exp: iat + LIFETIME_S, sub: this.tenant.key.api_key, user_claims: this.claims() };
    const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
    return `${unsigned}.${this.sign(unsigned)}`;
  }

  private claims(): JsonObject {
    const windows =
      this.windows.length > 0
        ? this.windows.map(({ limit, windowMs }) => ({ limit, window: windowMs / 1000 }))
        : [
            { limit: UNLIMITED.perTenSeconds, window: 10 },
            { limit: UNLIMITED.perHour, window: 3600 },
          ];
    return {
      account: { ...this.tenant.account, rate_limit: windows },
      role: 'admin',
      pim_permissions: { products: 'write', assets: 'write', attributes: 'write', families: 'write' },
    };
  }

  private verify(token: string): { iat: number; exp: number } | null {
    const [header, payload, signature, ...rest] = token.split('.');
    if (!header || !payload || !signature || rest.length > 0) return null;
    if (!same(signature, this.sign(`${header}.${payload}`))) return null;
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (!isJsonObject(claims)) return null;
    const { iat, exp } = claims;
    return typeof iat === 'number' && typeof exp === 'number' ? { iat, exp } : null;
  }

  private sign(unsigned: string): string {
    return createHmac('sha256', this.secret).update(unsigned).digest('base64url');
  }

  private refuse(reason: string): Answer {
    if (this.tenant.choices.auth401Shape === 'documented') {
      return json(401, { msg: 'Bad api_key or api_password' });
    }
    const errors = [{ field: 'http_status_code', msg: 401 }];
    return json(401, { error: { msg: `Bad api_key or api_password: ${reason}`, errors } });
  }
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
