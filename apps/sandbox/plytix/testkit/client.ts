import { startPlytixSandbox } from '..';
import type { PlytixSandbox, PlytixSandboxOptions } from '..';
import { isJsonObject } from '../../http/answer';
import type { Json, JsonObject } from '../../http/answer';

/** An answer with its body decoded; `{}` where there was none. */
export interface Reply {
  status: number;
  headers: Headers;
  body: JsonObject;
}

/** A sandbox for specs, with a caller that holds a token. Small unless it is told otherwise. */
export class SpecSandbox {
  private constructor(
    readonly sandbox: PlytixSandbox,
    private token: string,
    /** What the sandbox failed on. None is expected, so `close` rejects if there is one. */
    private readonly failures: readonly unknown[],
  ) {}

  static async start(options: PlytixSandboxOptions = {}): Promise<SpecSandbox> {
    const failures: unknown[] = [];
    const sandbox = await startPlytixSandbox({
      products: 5,
      onError: (error) => failures.push(error),
      ...options,
    });
    const started = new SpecSandbox(sandbox, '', failures);
    await started.renewToken();
    return started;
  }

  async renewToken(): Promise<void> {
    const { apiKey, apiPassword } = this.sandbox;
    const reply = await this.request('POST', '/auth/api/get-token', {
      api_key: apiKey,
      api_password: apiPassword,
    });
    this.token = String(rows(reply)[0]?.['access_token']);
  }

  /** A call of the API, with the token. */
  call(method: string, path: string, body?: Json): Promise<Reply> {
    return this.request(method, path, body, { authorization: `Bearer ${this.token}` });
  }

  async request(
    method: string,
    path: string,
    body?: Json,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(this.sandbox.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await response.text();
    const decoded: unknown = text === '' ? {} : JSON.parse(text);
    return {
      status: response.status,
      headers: response.headers,
      body: isJsonObject(decoded) ? decoded : {},
    };
  }

  /** A page, as a browser loads it. */
  async page(
    path: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; location: string | null; text: string }> {
    const response = await fetch(this.sandbox.url + path, {
      method: form ? 'POST' : 'GET',
      body: form ? new URLSearchParams(form) : undefined,
      headers,
      redirect: 'manual',
    });
    return {
      status: response.status,
      location: response.headers.get('location'),
      text: await response.text(),
    };
  }

  /** The product with this SKU, through search. */
  async bySku(sku: string): Promise<JsonObject> {
    const reply = await this.call('POST', '/api/v2/products/search', {
      filters: [[{ field: 'sku', operator: 'in', value: [sku] }]],
      attributes: ['label', 'modified', 'num_variations'],
    });
    const [product] = rows(reply);
    if (!product) throw new Error(`finding ${sku}: there is no such product`);
    return product;
  }

  /** The whole product, by id. */
  async product(id: string, version = 'v2'): Promise<JsonObject> {
    const [product] = rows(await this.call('GET', `/api/${version}/products/${id}`));
    if (!product) throw new Error(`reading ${id}: there is no such product`);
    return product;
  }

  /** Creates a product, and gives its id. */
  async create(body: JsonObject): Promise<string> {
    const reply = await this.call('POST', '/api/v2/products', body);
    if (reply.status !== 201) throw new Error(`creating a product: ${JSON.stringify(reply.body)}`);
    return String(rows(reply)[0]?.['id']);
  }

  async createVariant(parentId: string, body: JsonObject): Promise<string> {
    const reply = await this.call('POST', `/api/v2/products/${parentId}/variants`, body);
    if (reply.status !== 201) throw new Error(`creating a variant: ${JSON.stringify(reply.body)}`);
    return String(rows(reply)[0]?.['id']);
  }

  /** The id of a family of the seeded account. */
  async familyId(name: string): Promise<string> {
    const reply = await this.call('POST', '/api/v1/product_families/search', {
      filters: [[{ field: 'name', operator: 'eq', value: name }]],
    });
    return String(rows(reply)[0]?.['id']);
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    if (this.failures.length > 0) throw new AggregateError(this.failures, 'the sandbox failed to answer');
  }
}

/** The records of an answer. */
export function rows(reply: Reply): JsonObject[] {
  const { data } = reply.body;
  return Array.isArray(data) ? data.filter(isJsonObject) : [];
}

/** The message and fields of an error answer. */
export function problem(reply: Reply): { msg: Json | undefined; errors: Json | undefined } {
  const { error } = reply.body;
  return isJsonObject(error)
    ? { msg: error['msg'], errors: error['errors'] }
    : { msg: undefined, errors: undefined };
}
