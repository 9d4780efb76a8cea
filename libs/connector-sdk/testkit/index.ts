/** Surroundings for connector specs: a context whose clock and log are in the test's hands, and a vendor on a port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectorContext, ConnectorLogger } from '../contract';

export interface LoggedLine {
  level: keyof ConnectorLogger;
  fields: object;
  message: string;
}

export interface TestContext extends ConnectorContext {
  /** What was logged. */
  readonly lines: readonly LoggedLine[];
  /** Moves the clock. */
  advance(ms: number): void;
  abort(): void;
}

/** A context with a clock that stands until it is advanced. */
export function testContext(startMs = Date.parse('2026-11-02T12:00:00Z')): TestContext {
  const controller = new AbortController();
  const lines: LoggedLine[] = [];
  let nowMs = startMs;
  const log =
    (level: keyof ConnectorLogger) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return {
    signal: controller.signal,
    now: () => nowMs,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    lines,
    advance: (ms) => {
      nowMs += ms;
    },
    abort: () => controller.abort(),
  };
}

export interface StubRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed JSON body; null where there is none. */
  body: unknown;
}

export interface StubAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, unless `text` is given. */
  json?: unknown;
  text?: string;
  /** Breaks the connection instead of answering. */
  reset?: true;
  /** Never answers. */
  hang?: true;
}

export interface VendorStub {
  url: string;
  readonly requests: readonly StubRequest[];
  close(): Promise<void>;
}

/** A vendor's API on a free loopback port. A request that `answer` returns null for is answered 501. */
export async function startVendorStub(
  answer: (request: StubRequest, nth: number) => StubAnswer | null,
): Promise<VendorStub> {
  const requests: StubRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body: unknown = text === '' ? null : JSON.parse(text);
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body };
      requests.push(request);
      const reply = answer(request, requests.length) ?? {
        status: 501,
        json: { unplanned: `${method} ${path}` },
      };
      if (reply.hang) return;
      if (reply.reset) {
        outgoing.destroy();
        return;
      }
      const type = { 'content-type': 'application/json' };
      outgoing.writeHead(reply.status ?? 200, { ...type, ...reply.headers });
      outgoing.end(reply.text ?? JSON.stringify(reply.json ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
