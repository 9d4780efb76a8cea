/** Authorisation by a token that is fetched, kept and renewed. */

/** How an HTTP client authorises its calls. */
export interface HttpAuth {
  /** Headers that authorise one call. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** The vendor answered 401 to a call with these headers. */
  rejected(headers: Readonly<Record<string, string>>): void;
}

export interface Token {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAtMs: number;
}

export interface TokenAuthOptions {
  /** Gets a new token from the vendor. Throws a fault. */
  fetchToken(): Promise<Token>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A token is renewed this long before it expires. Milliseconds. */
  marginMs?: number;
}

const DEFAULT_MARGIN_MS = 60_000;

/**
 * Bearer token, cached. However many calls need a new one at the same time, it is fetched once; a call that was
 * refused with an older token does not throw away the newer one.
 */
export class TokenAuth implements HttpAuth {
  private current: { header: string; renewAtMs: number } | null = null;
  private pending: Promise<string> | null = null;

  constructor(private readonly options: TokenAuthOptions) {}

  async headers(): Promise<Readonly<Record<string, string>>> {
    return { authorization: await this.header() };
  }

  rejected(headers: Readonly<Record<string, string>>): void {
    if (this.current?.header === headers['authorization']) this.current = null;
  }

  private header(): Promise<string> {
    if (this.current && this.options.now() < this.current.renewAtMs)
      return Promise.resolve(this.current.header);
    this.pending ??= this.renew().finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  private async renew(): Promise<string> {
    const startedAtMs = this.options.now();
    const { token, expiresAtMs } = await this.options.fetchToken();
    const lifetimeMs = expiresAtMs - startedAtMs;
    // A token that lives shorter than the margin is used for half of its life, not fetched for each call.
    const marginMs = Math.min(this.options.marginMs ?? DEFAULT_MARGIN_MS, lifetimeMs / 2);
    this.current = { header: `Bearer ${token}`, renewAtMs: expiresAtMs - marginMs };
    return this.current.header;
  }
}
