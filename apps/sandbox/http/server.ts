import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from './answer';
import type { Answer } from './answer';
import type { Fault, FaultRegister } from './faults';

/** A request with its whole body, as handlers get it. `path` is verbatim: without the query, not decoded. */
export interface SandboxRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface ServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Larger bodies are refused with 413. */
  maxBodyBytes: number;
  faults: FaultRegister;
  /** Calls that no fault may touch, such as those of the admin routes. */
  faultless(path: string): boolean;
  /** Synchronous, so that nothing happens between a check and the write that rests on it. */
  respond(request: SandboxRequest): Answer;
  /** Told what went wrong where the sandbox itself failed; the client gets a 500. */
  onError(error: unknown, request: { method: string; path: string }): void;
}

export interface RunningServer {
  host: string;
  port: number;
  /** Ends all connections, then returns. */
  close(): Promise<void>;
}

/** Listens, and resolves when connections are accepted. Rejects with the system's error (`EADDRINUSE`, …). */
export async function serve(options: ServerOptions): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    exchange(options, request, response).catch((error: unknown) => {
      options.onError(error, { method: request.method ?? '', path: request.url ?? '' });
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function exchange(
  options: ServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming, options.maxBodyBytes);
  if (body === 'aborted') return;
  const request = toRequest(incoming, body === 'too-large' ? Buffer.alloc(0) : body);
  if (body === 'too-large') {
    const answer = json(413, { error: { msg: 'Request Entity Too Large' } }, { connection: 'close' });
    return send(response, request.method, answer);
  }
  const fault = options.faultless(request.path) ? null : options.faults.take(request.method, request.path);
  const answer = await withFault(fault, () => safely(options, request));
  if (answer === 'reset') {
    incoming.socket.resetAndDestroy();
    return;
  }
  send(response, request.method, answer);
}

function toRequest(incoming: IncomingMessage, body: Buffer): SandboxRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: incoming.headers,
    body,
  };
}

async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer | 'too-large' | 'aborted'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Read on without keeping it: a client that is still sending would not see the answer.
      if (size <= limit) chunks.push(chunk);
      else if (size > 4 * limit) return 'too-large';
    }
  } catch {
    return 'aborted';
  }
  return size > limit ? 'too-large' : Buffer.concat(chunks);
}

function safely(options: ServerOptions, request: SandboxRequest): Answer {
  try {
    return options.respond(request);
  } catch (error) {
    options.onError(error, request);
    return json(500, { error: { msg: 'Internal Server Error' } });
  }
}

async function withFault(fault: Fault | null, real: () => Answer): Promise<Answer | 'reset'> {
  if (!fault) return real();
  if (fault.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  switch (fault.kind) {
    case 'reset':
      return 'reset';
    case 'slow':
      return real();
    case 'html200':
      return page(200, fault, '<!doctype html><title>Maintenance</title><p>We will be back soon.</p>');
    case 'truncated':
      return truncate(real());
    case 'applied':
      real();
      return page(fault.status, fault, '');
    case 'status':
      return page(fault.status, fault, '');
  }
}

function page(status: number, fault: Fault, fallback: string): Answer {
  const body = fault.body === undefined ? fallback : asText(fault.body);
  const type = fault.kind === 'html200' ? 'text/html; charset=utf-8' : fault.contentType;
  return { status, headers: { 'content-type': type, ...fault.headers }, body };
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function truncate(answer: Answer): Answer {
  const bytes = Buffer.from(answer.body ?? '');
  return { ...answer, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}

function send(response: ServerResponse, method: string, answer: Answer): void {
  const bytes = answer.body === null ? null : Buffer.from(answer.body);
  const headers: Record<string, string | number> = { ...answer.headers };
  if (answer.status !== 204) headers['content-length'] = bytes?.length ?? 0;
  response.writeHead(answer.status, headers);
  response.end(method === 'HEAD' || bytes === null ? undefined : bytes);
}
