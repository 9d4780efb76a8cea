import { randomBytes } from 'node:crypto';
import { CallCounter } from '../http/calls';
import { FaultRegister } from '../http/faults';
import { serve } from '../http/server';
import { SandboxClock } from '../kit/clock';
import { ObjectIds } from '../kit/object-id';
import { Admin } from './admin';
import { TokenOffice } from './auth';
import { defaultChoices } from './choices';
import type { Choices } from './choices';
import { Deferred } from './deferred';
import { Gate } from './gate';
import { AUTH_WINDOW, RATE_PLANS, RateLimiter } from './limiter';
import type { RatePlan } from './limiter';
import { Page } from './page';
import { plytixResponder } from './responder';
import { seedCatalogue } from './seed/seed';
import { PlytixStore } from './store';
import type { SeedMark } from './store';
import { ACCOUNT_ID, API_ACTOR } from './tenant';
import type { Tenant } from './tenant';

/** The pair that opens the sandbox unless another one is given. Printed by `--help`: it guards nothing. */
export const DEMO_CREDENTIALS = { apiKey: 'SANDBOXKEY', apiPassword: 'sandbox-password' } as const;

export interface PlytixSandboxOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Where the state is kept; without it the state ends with the sandbox. */
  dataDir?: string;
  /** Styles of the seeded catalogue, with ten variants each on average. Default 300; 0 is an empty account. */
  products?: number;
  /** Default 7. */
  seed?: number;
  /** Default `off`: a plan's limits would stretch a first snapshot to minutes. */
  rateLimits?: RatePlan;
  apiKey?: string;
  apiPassword?: string;
  choices?: Partial<Choices>;
  /** The machine's clock, for tests. Milliseconds since the epoch. */
  now?: () => number;
  onError?: (error: unknown, request: { method: string; path: string }) => void;
}

export interface PlytixSandbox {
  /** Base of the page, of `/api/v1`, `/api/v2` and `/auth/api/get-token`; without a slash at the end. */
  url: string;
  adminUrl: string;
  apiKey: string;
  apiPassword: string;
  /** What the account was seeded with, possibly by a former run in the same directory. */
  seeded: SeedMark;
  /** Ends all connections, carries out what a 202 promised, and closes the journal. May be called twice. */
  close(): Promise<void>;
}

/** Starts a Plytix simulator. Resolves when it answers; rejects if the port is taken or the state is unreadable. */
export async function startPlytixSandbox(options: PlytixSandboxOptions = {}): Promise<PlytixSandbox> {
  const choices: Choices = { ...defaultChoices, ...options.choices };
  const store = new PlytixStore(() => choices.searchLagMs);
  const deferred = new Deferred(() => choices.asyncDelayMs);
  const windows = RATE_PLANS[options.rateLimits ?? 'off'];
  const tenant = newTenant(options, store, choices, deferred);
  const tokens = new TokenOffice(tenant, windows);
  const calls = new CallCounter();
  const faults = new FaultRegister();
  const reset = (mark: SeedMark): void => {
    deferred.drop();
    store.fill(mark, seedCatalogue(mark));
  };
  const authWindows = windows.length > 0 ? [AUTH_WINDOW] : [];
  const gate = new Gate({
    tenant,
    tokens,
    calls,
    limiter: new RateLimiter(windows),
    authLimiter: new RateLimiter(authWindows),
  });
  await store.open(options.dataDir ?? null);
  if (!store.mark) reset({ products: options.products ?? 300, seed: options.seed ?? 7 });
  const admin = new Admin({ tenant, tokens, calls, faults, reset });
  const server = await serve({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    maxBodyBytes: 32 * 1024 * 1024,
    faults,
    faultless: (path) => path.startsWith('/admin/'),
    respond: plytixResponder({ tenant, gate, admin, page: new Page(tenant) }),
    onError: options.onError ?? (() => undefined),
  }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const url = `http://${urlHost(server.host)}:${server.port}`;
  tenant.filesUrl = url;
  return {
    url,
    adminUrl: `${url}/admin`,
    apiKey: tenant.key.api_key,
    apiPassword: tenant.key.api_password,
    seeded: store.mark!,
    close: async () => {
      await server.close();
      deferred.flush();
      store.close();
    },
  };
}

function newTenant(
  options: PlytixSandboxOptions,
  store: PlytixStore,
  choices: Choices,
  deferred: Deferred,
): Tenant {
  return {
    account: { id: ACCOUNT_ID, name: 'Sandbox' },
    key: {
      api_key: options.apiKey ?? DEMO_CREDENTIALS.apiKey,
      api_password: options.apiPassword ?? DEMO_CREDENTIALS.apiPassword,
      actor: API_ACTOR,
    },
    store,
    clock: new SandboxClock(options.now),
    ids: new ObjectIds(randomBytes(5)),
    choices,
    filesUrl: '',
    later: (change) => deferred.add(change),
  };
}

/** An address that a client on this machine can use, in URL form. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
