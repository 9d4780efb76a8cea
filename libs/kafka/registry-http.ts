import { fetch } from 'undici';
import { z } from 'zod';
import { KafkaFault } from './faults';

const REQUEST_TIMEOUT_MS = 10_000;
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** Where the registry is: the base of its Confluent-compatible API, and credentials if it asks for them. */
export interface RegistrySettings {
  /** Such as `http://localhost:8080/apis/ccompat/v7`. User name and password may be part of it. */
  url: string;
  auth?: { username: string; password: string };
}

/** What the registry said no to. `status` is 0 where it did not answer at all. */
export class RegistryFault extends KafkaFault {
  override readonly name = 'RegistryFault';

  constructor(
    kind: KafkaFault['kind'],
    message: string,
    code: string,
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(kind, message, code, options);
  }
}

const optionalText = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
const environment = z.object({
  SCHEMA_REGISTRY_URL: optionalText,
  SCHEMA_REGISTRY_USERNAME: optionalText,
  SCHEMA_REGISTRY_PASSWORD: optionalText,
});

/** Reads SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD. */
export function registrySettingsFromEnv(env: NodeJS.ProcessEnv): RegistrySettings {
  const values = environment.parse(env);
  const { SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_USERNAME: username } = values;
  if (url === undefined) {
    throw new RegistryFault('config', 'reading SCHEMA_REGISTRY_URL: it is not set', 'config', 0);
  }
  if (username === undefined) return { url };
  return { url, auth: { username, password: values.SCHEMA_REGISTRY_PASSWORD ?? '' } };
}

/** Base address without credentials and trailing slash, and the credentials. */
export function registryAddress(settings: RegistrySettings): {
  base: string;
  auth?: { username: string; password: string };
} {
  if (!URL.canParse(settings.url)) {
    throw new RegistryFault('config', 'reading the address of the registry: it is not a URL', 'config', 0);
  }
  const url = new URL(settings.url);
  const fromUrl =
    url.username === ''
      ? undefined
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  const auth = settings.auth ?? fromUrl;
  return { base: url.toString().replace(/\/+$/, ''), ...(auth && { auth }) };
}

const errorBody = z.object({ message: z.string(), error_code: z.number().optional() });

/** Requests to a Confluent-compatible registry, with a time limit, and answers checked for their shape. */
export class RegistryHttp {
  readonly base: string;
  private readonly authorization: string | undefined;

  constructor(settings: RegistrySettings) {
    const { base, auth } = registryAddress(settings);
    this.base = base;
    this.authorization =
      auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  }

  /** `doing` is the gerund phrase that begins every error. Rejects with a RegistryFault. */
  async request<T>(
    doing: string,
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    shape: z.ZodType<T>,
    body?: unknown,
  ): Promise<T> {
    const { status, text } = await this.send(doing, method, path, body);
    const answer = this.parse(doing, status, text);
    if (status >= 400) throw this.refusal(doing, status, answer);
    const parsed = shape.safeParse(answer);
    if (!parsed.success) throw this.fault('config', doing, 'the answer is not that of a registry', status);
    return parsed.data;
  }

  private async send(doing: string, method: string, path: string, body: unknown) {
    try {
      const response = await fetch(`${this.base}${path}`, {
        method,
        headers: {
          accept: `${MEDIA_TYPE}, application/json`,
          ...(body !== undefined && { 'content-type': MEDIA_TYPE }),
          ...(this.authorization !== undefined && { authorization: this.authorization }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      const slow = cause instanceof Error && cause.name === 'TimeoutError';
      const reason = slow ? `no answer within ${REQUEST_TIMEOUT_MS / 1_000} s` : reasonOf(cause);
      throw this.fault('transient', doing, reason, 0, { cause });
    }
  }

  private parse(doing: string, status: number, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      const what = /^\s*</.test(text) ? 'HTML' : text.trim() === '' ? 'empty' : 'text';
      const kind = status >= 500 || status === 429 ? 'transient' : 'config';
      throw this.fault(kind, doing, `the answer (status ${status}) is ${what}, not JSON`, status);
    }
  }

  private refusal(doing: string, status: number, answer: unknown): RegistryFault {
    const parsed = errorBody.safeParse(answer);
    const reason = parsed.success ? shortMessage(parsed.data.message) : `status ${status}`;
    return this.fault(kindOf(status), doing, reason, status);
  }

  private fault(
    kind: KafkaFault['kind'],
    doing: string,
    reason: string,
    status: number,
    options?: ErrorOptions,
  ): RegistryFault {
    return new RegistryFault(kind, `${doing} at ${this.base}: ${reason}`, codeOf(status), status, options);
  }
}

/** Who acts on an answer of this status. */
export function kindOf(status: number): KafkaFault['kind'] {
  return status === 0 || status === 429 || status >= 500 ? 'transient' : 'config';
}

/** A bounded list of codes for metrics and tests. */
export function codeOf(status: number): string {
  if (status === 0) return 'registry_unreachable';
  if (status === 401 || status === 403) return 'registry_unauthorised';
  if (status === 404) return 'registry_not_found';
  if (status === 409) return 'incompatible_schema';
  return 'registry_refused';
}

/** Apicurio puts the class name of its Java exception in front. */
export function shortMessage(message: string): string {
  return message.replace(/^(?:[\w$]+\.)+[\w$]*(?:Exception|Error): /, '');
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = (inner as NodeJS.ErrnoException).code;
  return code === undefined || inner.message.includes(code) ? inner.message : `${inner.message} (${code})`;
}
