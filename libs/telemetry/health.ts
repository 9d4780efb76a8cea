import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics as processMetrics } from './metrics';
import type { Metrics } from './metrics';

/** Passes by returning, fails by throwing; what it throws is shown to whoever asks. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthReport {
  status: 'ok' | 'failing';
  /** Name of each check → `ok`, or the sentence that tells what is wrong. */
  checks: Record<string, string>;
}

export interface HealthServerOptions {
  /** 0 takes a free port; `start` tells which. */
  port: number;
  /** Default 127.0.0.1: health is for the supervisor beside us, not for the network. */
  host?: string;
  metrics?: Metrics;
  /** A check that has not answered after this time has failed. Milliseconds; default 2,000. */
  checkTimeoutMs?: number;
}

/** Runs checks side by side, each with a time limit. */
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();

  constructor(private readonly timeoutMs = 2_000) {}

  /** Adds a check, or replaces the one of the same name. */
  add(name: string, check: HealthCheck): this {
    this.checks.set(name, check);
    return this;
  }

  async run(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.outcome(check)] as const),
    );
    const status = results.every(([, outcome]) => outcome === 'ok') ? 'ok' : 'failing';
    return { status, checks: Object.fromEntries(results) };
  }

  private async outcome(check: HealthCheck): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${this.timeoutMs} ms`), this.timeoutMs);
    });
    const answer = Promise.resolve()
      .then(check)
      .then(
        () => 'ok',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The small HTTP server of every app: GET /health answers 200 while all checks pass and 503 otherwise, both
 * with a HealthReport; GET /metrics answers in Prometheus' text format.
 */
export class HealthServer {
  readonly checks: HealthChecks;
  private readonly server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.checks = new HealthChecks(options.checkTimeoutMs);
    this.server = createServer((request, response) => {
      this.answer(request.method ?? 'GET', request.url ?? '/', response).catch((error: unknown) => {
        send(response, 500, { error: error instanceof Error ? error.message : String(error) });
      });
    });
    this.server.unref();
  }

  /** Adds a check; see HealthChecks. */
  check(name: string, check: HealthCheck): this {
    this.checks.add(name, check);
    return this;
  }

  /** Listens, and resolves to the address. Rejects when the port is taken. */
  async start(): Promise<string> {
    const host = this.options.host ?? '127.0.0.1';
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const { port } = this.server.address() as AddressInfo;
    return `http://${host}:${port}`;
  }

  /** Stops listening and drops idle connections. May be called twice. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answer(method: string, url: string, response: ServerResponse): Promise<void> {
    const path = url.split('?', 1)[0];
    if (method !== 'GET' && method !== 'HEAD')
      return send(response, 405, { error: 'only GET is answered here' });
    if (path === '/health') {
      const report = await this.checks.run();
      return send(response, report.status === 'ok' ? 200 : 503, report);
    }
    if (path === '/metrics') {
      const { registry } = this.options.metrics ?? processMetrics;
      const body = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(body);
      return;
    }
    send(response, 404, { error: 'only /health and /metrics are here' });
  }
}

/**
 * The health server that the environment asks for, not started yet; null when MILLRACE_HEALTH_PORT is not set.
 * Throws when the variable is not a port.
 */
export function healthServerFromEnv(env: NodeJS.ProcessEnv, metrics?: Metrics): HealthServer | null {
  const text = env.MILLRACE_HEALTH_PORT;
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`reading MILLRACE_HEALTH_PORT: "${text}" is not a port (0 to 65535)`);
  }
  return new HealthServer({ port, host: env.MILLRACE_HEALTH_HOST ?? '127.0.0.1', metrics });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
