/** Plytix's token: 15 minutes of life, no refresh but asking anew; its claims tell the plan's rate limits. */
import { configFault, SyncFaultError, TokenAuth } from '#connector-sdk';
import type { ConnectorContext, HttpClient, RateBudget, RateWindow } from '#connector-sdk';
import type { PlytixConfig } from './plytix.config';
import { choices, DEFAULT_WINDOWS, endpoints } from './plytix.endpoints';
import { rateLimitClaim, tokenAnswer, tokenClaims } from './plytix.types';

/** Documented; used when the token does not tell. */
const DEFAULT_LIFETIME_MS = 15 * 60 * 1000;

/** Authorises calls to the PIM; each new token also sets the windows of `budget`, where the configuration does not. */
export function plytixAuth(
  config: PlytixConfig,
  context: ConnectorContext,
  authClient: HttpClient,
  budget: RateBudget,
): TokenAuth {
  return new TokenAuth({
    now: () => context.now(),
    fetchToken: async () => {
      const requestedAtMs = context.now();
      const token = await requestToken(config, authClient);
      const claims = claimsOf(token);
      budget.setWindows(windowsFor(config, claims));
      const { exp } = tokenClaims.catch({}).parse(claims);
      // A clock that is off by more than the token's life must not make every call fetch a new one.
      const claimedMs = exp === undefined ? 0 : exp * 1000;
      const expiresAtMs = claimedMs > requestedAtMs ? claimedMs : requestedAtMs + DEFAULT_LIFETIME_MS;
      return { token, expiresAtMs };
    },
  });
}

/** The rate windows in force: the configuration's, else the token's, else those of the smallest plan. */
export function windowsFor(config: PlytixConfig, claims: unknown): RateWindow[] {
  const plan = planWindows(claims) ?? DEFAULT_WINDOWS;
  const configured = [
    { limit: config.requests_per_10_s, windowMs: 10_000 },
    { limit: config.requests_per_hour, windowMs: 3_600_000 },
  ];
  const replaced = new Set(
    configured.filter(({ limit }) => limit !== undefined).map(({ windowMs }) => windowMs),
  );
  return [
    ...plan.filter(({ windowMs }) => !replaced.has(windowMs)),
    ...configured.flatMap(({ limit, windowMs }) => (limit ? [{ limit, windowMs }] : [])),
  ];
}

async function requestToken(config: PlytixConfig, client: HttpClient): Promise<string> {
  const doing = 'fetching a plytix token';
  try {
    const answer = await client.request({
      method: 'POST',
      url: `${config.auth_url}${endpoints.token}`,
      body: { api_key: config.api_key, api_password: config.api_password },
      doing,
      repeatable: true,
      decode: (body) => tokenAnswer.parse(body).data[0]!.access_token,
    });
    return answer.value!;
  } catch (error) {
    const refused =
      error instanceof SyncFaultError && ['unauthorised', 'http_400'].includes(error.fault.code);
    if (!refused) throw error;
    const remedy = 'Check PLYTIX_API_KEY and PLYTIX_API_PASSWORD, and that they belong to PLYTIX_AUTH_URL';
    throw configFault('unauthorised', `${doing}: ${config.auth_url} refused the credentials. ${remedy}`, {
      cause: error,
    });
  }
}

/** The claims of a token, which is not verified: only the vendor's own service is asked with it. */
function claimsOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return {};
  }
}

function planWindows(claims: unknown): RateWindow[] | null {
  for (const path of choices.rateLimitClaims) {
    const found = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], claims);
    const parsed = rateLimitClaim.safeParse(found);
    if (parsed.success && parsed.data.length > 0) {
      return parsed.data.map(({ limit, window }) => ({ limit, windowMs: window * 1000 }));
    }
  }
  return null;
}
