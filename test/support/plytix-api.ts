/** The few calls of the Plytix API with which tests edit a sandbox, written from the vendor's documentation. */
import { z } from 'zod';

const TokenAnswer = z.object({ data: z.array(z.object({ access_token: z.string() })).min(1) });
const SearchAnswer = z.object({ data: z.array(z.object({ id: z.string(), sku: z.string() }).loose()) });
const CreateAnswer = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });

export interface PlytixAccess {
  url: string;
  authUrl: string;
  apiKey: string;
  apiPassword: string;
}

export class PlytixApi {
  private token: string | null = null;

  constructor(private readonly access: PlytixAccess) {}

  /** Id of the product or variant with exactly this SKU. */
  async idOf(sku: string): Promise<string> {
    const filters = [[{ field: 'sku', operator: 'eq', value: sku }]];
    const answer = SearchAnswer.parse(
      await this.call('POST', '/api/v2/products/search', { filters, attributes: ['sku'] }),
    );
    const found = answer.data.find((product) => product.sku === sku);
    if (!found) throw new Error(`looking for ${sku}: the sandbox has no such product`);
    return found.id;
  }

  async patch(id: string, change: object): Promise<void> {
    await this.call('PATCH', `/api/v2/products/${id}`, change);
  }

  async create(product: object): Promise<string> {
    return CreateAnswer.parse(await this.call('POST', '/api/v2/products', product)).data[0]!.id;
  }

  async createVariant(parentId: string, variant: object): Promise<string> {
    return CreateAnswer.parse(await this.call('POST', `/api/v2/products/${parentId}/variants`, variant))
      .data[0]!.id;
  }

  async delete(id: string): Promise<void> {
    await this.call('DELETE', `/api/v2/products/${id}`);
  }

  /** Any call of the API; resolves with the JSON of the answer, null when it has none. */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    this.token ??= await this.newToken();
    const response = await fetch(`${this.access.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`calling ${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === '' ? null : JSON.parse(text);
  }

  private async newToken(): Promise<string> {
    const response = await fetch(`${this.access.authUrl}/auth/api/get-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ api_key: this.access.apiKey, api_password: this.access.apiPassword }),
    });
    return TokenAnswer.parse(await response.json()).data[0]!.access_token;
  }
}
