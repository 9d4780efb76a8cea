/** HTTP client for JSON APIs: authorisation, rate budget, timeouts, size limit, retries, faults instead of errors. */
import { Agent, request as undiciRequest } from 'undici';
import type { Dispatcher } from 'undici';
import type { RateBudget } from './budget';
import type { ConnectorLogger, Json } from './contract';
import { asFault, isAbort, SyncFaultError, transientFault } from './faults';
import { faultOfStatus, flatHeaders, jsonOf, readText } from './http-answer';
import type { AnswerContext, RawAnswer } from './http-answer';
import { createRedactor } from './redact';
import type { Redactor } from './redact';
import { backoffMs, DEFAULT_RETRY, isRetriable } from './retry';
import type { RetryPolicy } from './retry';
import { sleep as realSleep } from './sleep';
import type { Sleep } from './sleep';
import type { HttpAuth } from './token-auth';

export interface HttpClientOptions {
  /** Aborted when the connector is to stop: running calls and waits end at once. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  logger: ConnectorLogger;
  auth?: HttpAuth;
  budget?: RateBudget;
  redact?: Redactor;
  /** Time for one attempt, body included; milliseconds. Default 30 s. */
  timeoutMs?: number;
  /** Largest answer that is read; bytes. Default 32 MB. */
  maxBytes?: number;
  retry?: Partial<RetryPolicy>;
  /** Calls at the same time to one host. Default 4. */
  connections?: number;
  describeError?(body: unknown): string | null;
  /** For tests. */
  sleep?: Sleep;
  random?(): number;
}

export interface HttpRequest<T> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  body?: Json;
  /** Gerund phrase with its subject, the beginning of every message about this call: "reading plytix products". */
  doing: string;
  /** Makes a typed value of the JSON, or throws; what it throws is a `transient` fault `unexpected_shape`. */
  decode(body: unknown): T;
  /** True if the call may be made again without harm. Default: true for GET only. */
  repeatable?: boolean;
  /** Error statuses that are an answer here, such as 404: they come back with `value: null`. */
  answers?: readonly number[];
}

export interface HttpAnswer<T> {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** The decoded body; null exactly when the status is one of `answers`. */
  value: T | null;
  /** When the attempt that brought this answer began; milliseconds since the epoch. */
  requestedAtMs: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** One client per credential and host; calls may run at the same time. Redirects are not followed. */
export class HttpClient {
  private readonly agent: Agent;
  private readonly redact: Redactor;
  private readonly retry: RetryPolicy;

  constructor(private readonly options: HttpClientOptions) {
    this.agent = new Agent({ connections: options.connections ?? 4 });
    this.redact = options.redact ?? createRedactor();
    this.retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  /** Makes the call, again where that may help. Throws SyncFaultError, or an AbortError when told to stop. */
  async request<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    const repeatable = request.repeatable ?? request.method === 'GET';
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(request);
      } catch (error) {
        this.options.signal.throwIfAborted();
        const fault = asFault(error);
        if (attempt >= this.retry.attempts || !isRetriable(fault, repeatable)) throw error;
        await this.waitAfter(fault.retryAfterMs, attempt);
      }
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async waitAfter(retryAfterMs: number | undefined, attempt: number): Promise<void> {
    const computed = backoffMs(this.retry, attempt, this.options.random ?? Math.random);
    await (this.options.sleep ?? realSleep)(Math.max(retryAfterMs ?? 0, computed), this.options.signal);
  }

  private async attempt<T>(request: HttpRequest<T>): Promise<HttpAnswer<T>> {
    let { answer, requestedAtMs, authorisation } = await this.sendAuthorised(request);
    if (answer.status === 401 && this.options.auth) {
      this.options.auth.rejected(authorisation);
      ({ answer, requestedAtMs, authorisation } = await this.sendAuthorised(request));
      if (answer.status === 401) this.options.auth.rejected(authorisation);
    }
    return { ...this.judge(request, answer), requestedAtMs };
  }

  private async sendAuthorised<T>(request: HttpRequest<T>) {
    await this.options.budget?.take(this.options.signal);
    const authorisation = (await this.options.auth?.headers()) ?? {};
    const requestedAtMs = this.options.now();
    return { answer: await this.send(request, authorisation), requestedAtMs, authorisation };
  }

  private judge<T>(request: HttpRequest<T>, answer: RawAnswer): Omit<HttpAnswer<T>, 'requestedAtMs'> {
    const { status, headers } = answer;
    const context = this.contextOf(request.doing);
    this.noteRate(answer, context);
    if (request.answers?.includes(status)) return { status, headers, value: null };
    if (status < 200 || status >= 300) throw faultOfStatus(answer, context);
    const body = jsonOf(answer, context);
    try {
      return { status, headers, value: request.decode(body) };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `${request.doing}: the answer has not the expected shape: ${this.redact(reason)}`;
      throw transientFault('unexpected_shape', message, { cause });
    }
  }

  /** A refusal for its rate makes all calls wait, not this one only. */
  private noteRate(answer: RawAnswer, context: AnswerContext): void {
    const { budget } = this.options;
    if (answer.status !== 429) return budget?.accepted();
    const fault = faultOfStatus(answer, context).fault;
    const retryAfterMs = budget?.refused(fault.retryAfterMs) ?? fault.retryAfterMs;
    throw new SyncFaultError({ ...fault, retryAfterMs });
  }

  private contextOf(doing: string): AnswerContext {
    const { describeError } = this.options;
    return { doing, redact: this.redact, nowMs: this.options.now(), describeError };
  }

  private async send<T>(
    request: HttpRequest<T>,
    authorisation: Readonly<Record<string, string>>,
  ): Promise<RawAnswer> {
    const { signal } = this.options;
    signal.throwIfAborted();
    const timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    // By hand and not by AbortSignal.any: the connector's signal lives long and would keep every call in memory.
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort();
    }, timeoutMs);
    try {
      const response = await undiciRequest(
        request.url,
        this.wireOptions(request, authorisation, controller.signal),
      );
      const text = await readText(response.body, this.options.maxBytes ?? DEFAULT_MAX_BYTES, request.doing);
      return { status: response.statusCode, headers: flatHeaders(response.headers), text };
    } catch (error) {
      signal.throwIfAborted();
      if (timedOut) {
        throw transientFault('timeout', `${request.doing}: no answer within ${timeoutMs} ms`, {
          cause: error,
        });
      }
      throw this.networkFault(request.doing, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  private wireOptions<T>(
    request: HttpRequest<T>,
    authorisation: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): { dispatcher: Dispatcher } & Omit<Dispatcher.RequestOptions, 'path' | 'origin'> {
    const hasBody = request.body !== undefined;
    return {
      dispatcher: this.agent,
      method: request.method,
      signal,
      body: hasBody ? JSON.stringify(request.body) : null,
      headers: {
        accept: 'application/json',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...authorisation,
      },
    };
  }

  private networkFault(doing: string, error: unknown): unknown {
    if (error instanceof SyncFaultError || isAbort(error)) return error;
    const cause = error instanceof AggregateError ? error.errors[0] : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const refused = (cause as { code?: unknown } | null)?.code === 'ECONNREFUSED';
    const message = `${doing}: the connection failed: ${this.redact(reason)}`;
    return transientFault(refused ? 'connection_refused' : 'network', message, { cause: error });
  }
}
