/** From a vendor's raw HTTP answer to a JSON value or a fault. */
import type { Dispatcher } from 'undici';
import { configFault, rejectedFault, systemFault, transientFault } from './faults';
import type { SyncFaultError } from './faults';
import { parseJson } from './lossless-json';
import { excerpt } from './redact';
import type { Redactor } from './redact';
import { parseRetryAfter } from './retry';

/** An answer as it came over the wire; header names in lower case. */
export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** What is needed to put an answer into words. */
export interface AnswerContext {
  /** Gerund phrase with its subject: "reading plytix products". */
  doing: string;
  redact: Redactor;
  nowMs: number;
  /** The vendor's own explanation in an error body, if it has a known form. */
  describeError?(body: unknown): string | null;
}

/** Reads a body up to `maxBytes`; more than that is a `system` fault `answer_too_large`. */
export async function readText(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
  doing: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw systemFault('answer_too_large', `${doing}: the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Header names in lower case, repeated ones joined as HTTP allows. */
export function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/**
 * The JSON value of a successful answer, null where it has no body. An HTML page with status 200 (a gateway, a
 * proxy's log-in) and JSON that breaks off are `transient` faults `not_json`.
 */
export function jsonOf(answer: RawAnswer, context: AnswerContext): unknown {
  if (answer.text.trim() === '') return null;
  const type = answer.headers['content-type'] ?? '';
  if (type !== '' && !/\bjson\b/i.test(type)) {
    const what = /html/i.test(type) ? 'HTML' : type;
    throw transientFault(
      'not_json',
      `${context.doing}: the answer is ${what}, not JSON${quoted(answer, context)}`,
    );
  }
  try {
    return parseJson(answer.text);
  } catch (cause) {
    const message = `${context.doing}: the answer is not complete JSON (${answer.text.length} characters)`;
    throw transientFault('not_json', `${message}${quoted(answer, context)}`, { cause });
  }
}

/** The fault that an answer with an error status stands for. */
export function faultOfStatus(answer: RawAnswer, context: AnswerContext): SyncFaultError {
  const { status } = answer;
  const said = explanation(answer, context);
  const message = `${context.doing}: the answer has status ${status}${said ? `, ${said}` : ''}`;
  const code = `http_${status}`;
  if (status === 429 || status === 503) {
    const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], context.nowMs);
    return transientFault(code, message, { retryAfterMs });
  }
  if (status === 408 || status === 425 || status >= 500) return transientFault(code, message);
  if (status === 401) return configFault('unauthorised', `${message}. Check the credentials`);
  if (status === 403) return configFault('forbidden', `${message}. Check what the credentials may do`);
  if (status === 405) return systemFault(code, message);
  if (status < 400) {
    const to = answer.headers['location'];
    return configFault('redirected', `${message}${to ? ` to ${context.redact(to)}` : ''}. Check the address`);
  }
  return rejectedFault(code, message);
}

function explanation(answer: RawAnswer, context: AnswerContext): string {
  try {
    const described = context.describeError?.(parseJson(answer.text));
    if (described) return context.redact(excerpt(described, 500));
  } catch {
    // Not JSON: the beginning of the text has to do.
  }
  const text = answer.text.trim();
  return text === '' ? '' : JSON.stringify(context.redact(excerpt(text)));
}

function quoted(answer: RawAnswer, context: AnswerContext): string {
  return `: ${JSON.stringify(context.redact(excerpt(answer.text.trim(), 80)))}`;
}
