import type { z } from 'zod';
import type { CliContext } from '../context';
import { UserError, messageOf } from '../errors';
import { requireRunFile } from './run-file';
import { exceptionsSchema, statusSchema, topicsSchema } from './status.schema';
import type { ExceptionStatus, HubStatus, TopicStatus } from './status.schema';

/** A request that has not been answered after this time is given up. Milliseconds. */
const PATIENCE_MS = 15_000;

export interface ControlAddress {
  url: string;
  token: string;
}

export interface ExceptionQuery {
  state: string;
  class?: string;
  system?: string;
  limit: number;
}

/**
 * Where the control API is: MILLRACE_CONTROL_URL with MILLRACE_CONTROL_TOKEN, for a hub on other machines;
 * else what `run.json` says of the hub that runs here.
 */
export function controlAddress(context: CliContext): ControlAddress {
  const { MILLRACE_CONTROL_URL: url, MILLRACE_CONTROL_TOKEN: token } = context.env;
  if (url && token) return { url, token };
  if (url) throw new UserError('MILLRACE_CONTROL_URL is set, but MILLRACE_CONTROL_TOKEN is not.');
  return requireRunFile(context).control;
}

/** Reads the control API. Every error is a UserError of one sentence. */
export class ControlApi {
  constructor(
    private readonly context: Pick<CliContext, 'fetch' | 'signal'>,
    private readonly address: ControlAddress,
  ) {}

  status(): Promise<HubStatus> {
    return this.get('/status', statusSchema);
  }

  topics(): Promise<TopicStatus[]> {
    return this.get('/topics', topicsSchema);
  }

  exceptions(query: ExceptionQuery): Promise<ExceptionStatus[]> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    return this.get(`/exceptions?${parameters}`, exceptionsSchema);
  }

  private async get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    const { status, body } = await this.request(path);
    if (status === 401) {
      throw new UserError(
        `Control at ${this.address.url} refuses the token. Look at MILLRACE_CONTROL_TOKEN.`,
      );
    }
    const answer = parseJson(body);
    if (status >= 400) throw new UserError(reasonOf(answer) ?? `Control answers with status ${status}.`);
    const decoded = schema.safeParse(answer);
    if (!decoded.success) {
      throw new UserError(
        `What ${this.address.url} answers is not Millrace's control API, or another version of it.`,
      );
    }
    return decoded.data;
  }

  private async request(path: string): Promise<{ status: number; body: string }> {
    const signal = AbortSignal.any([this.context.signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const response = await this.context.fetch(new URL(path, this.address.url), {
        headers: { authorization: `Bearer ${this.address.token}` },
        signal,
      });
      return { status: response.status, body: await response.text() };
    } catch (error) {
      this.context.signal.throwIfAborted();
      throw new UserError(
        `Control does not answer at ${this.address.url} (${causeOf(error)}). Start Millrace with: npx millrace start`,
      );
    }
  }
}

/** What fetch hides behind "fetch failed". */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return messageOf(error);
}

function reasonOf(answer: unknown): string | null {
  const { message } = (answer ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
