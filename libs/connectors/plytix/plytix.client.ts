/** The endpoints of Plytix that are used, in Plytix's words. */
import { createRedactor, HttpClient, RateBudget } from '#connector-sdk';
import type { ConnectorContext, HttpAnswer, HttpRequest, Json } from '#connector-sdk';
import { plytixAuth, windowsFor } from './plytix.auth';
import { plytixConfig } from './plytix.config';
import type { PlytixConfig } from './plytix.config';
import { AUTH_WINDOWS, choices, endpoints } from './plytix.endpoints';
import { describePlytixError, searchFault } from './plytix.faults';
import { attributePage, categoryPage, productPage, singleProduct, variantList } from './plytix.types';
import type { ProductPage, RawRow } from './plytix.types';
import type { z } from 'zod';

export interface Filter {
  field: string;
  operator: 'eq' | 'in' | 'gte' | 'lt';
  value: string | number | string[];
}

export interface ProductSearch {
  /** Outer list: any of; inner lists: all of. */
  filters?: readonly (readonly Filter[])[];
  columns: readonly string[];
  page: number;
  /** null: unordered. */
  order: string | null;
}

/** A vendor's answer with the time at which it was asked for. */
export interface Timed<T> {
  value: T;
  /** Milliseconds since the epoch. */
  requestedAtMs: number;
}

/** Both services, authentication and PIM, with one rate budget for the key. */
export class PlytixClient {
  readonly budget: RateBudget;
  private readonly auth: HttpClient;
  private readonly pim: HttpClient;
  private readonly deprecations = new Set<string>();

  constructor(
    private readonly config: PlytixConfig,
    private readonly context: ConnectorContext,
  ) {
    this.budget = this.budgetOf(windowsFor(config, null));
    const common = {
      signal: context.signal,
      now: () => context.now(),
      logger: context.logger,
      redact: createRedactor(plytixConfig.secrets(config)),
      timeoutMs: config.request_timeout_ms,
      describeError: describePlytixError,
    };
    this.auth = new HttpClient({ ...common, budget: this.budgetOf(AUTH_WINDOWS), retry: { attempts: 3 } });
    const auth = plytixAuth(config, context, this.auth, this.budget);
    this.pim = new HttpClient({ ...common, auth, budget: this.budget });
  }

  /** One page of products; null when there are too many matches to order them. */
  async searchProducts(search: ProductSearch): Promise<Timed<ProductPage | null>> {
    const body = {
      filters: (search.filters ?? []).map((all) => all.map((filter) => ({ ...filter }))),
      attributes: [...search.columns],
      pagination: { page: search.page, page_size: this.config.page_size, order: search.order },
    };
    const answers = [choices.tooManyToOrder];
    const answer = await this.search(endpoints.searchProducts, 'products', productPage, body, answers);
    return { value: answer.value, requestedAtMs: answer.requestedAtMs };
  }

  /** One product with all that is filled; null when it does not exist. */
  async product(id: string): Promise<Timed<RawRow | null>> {
    const answer = await this.get(endpoints.product(id), `reading plytix product ${id}`, singleProduct);
    return { value: answer.value, requestedAtMs: answer.requestedAtMs };
  }

  /** Ids and SKUs of a product's direct variants; empty when it does not exist (any more). */
  async variantsOf(id: string): Promise<z.infer<typeof variantList>['data']> {
    const doing = `reading the variants of plytix product ${id}`;
    return (await this.get(endpoints.variantsOf(id), doing, variantList)).value?.data ?? [];
  }

  /** All attribute definitions of products. */
  attributes(): Promise<{ label: string; type_class: string }[]> {
    return this.allPages(endpoints.searchAttributes, 'attributes', attributePage, ['label', 'type_class']);
  }

  /** The whole tree of product categories, as a list. */
  categories(): Promise<{ id: string; name: string; parents_ids?: string[] | null }[]> {
    return this.allPages(endpoints.searchCategories, 'categories', categoryPage, ['name', 'parents_ids']);
  }

  async close(): Promise<void> {
    await Promise.all([this.auth.close(), this.pim.close()]);
  }

  private budgetOf(windows: ConstructorParameters<typeof RateBudget>[0]['windows']): RateBudget {
    return new RateBudget({
      windows,
      now: () => this.context.now(),
      onLongWait: (waitMs) => this.context.logger.warn({ waitMs }, 'waiting for the rate limit of plytix'),
    });
  }

  private async get<T>(path: string, doing: string, decoder: z.ZodType<T>): Promise<HttpAnswer<T>> {
    const url = `${this.config.url}${path}`;
    const decode = (body: unknown): T => decoder.parse(body);
    return this.noted(path, await this.pim.request({ method: 'GET', url, doing, answers: [404], decode }));
  }

  /** A search changes nothing, so it may be repeated although it is a POST. */
  private async search<T>(
    path: string,
    what: string,
    decoder: z.ZodType<T>,
    body: Json,
    answers: readonly number[] = [],
  ): Promise<HttpAnswer<T>> {
    const request: HttpRequest<T> = {
      method: 'POST',
      url: `${this.config.url}${path}`,
      doing: `reading plytix ${what}`,
      repeatable: true,
      answers,
      body,
      decode: (value) => decoder.parse(value),
    };
    const answer = await this.pim.request(request).catch((error: unknown) => {
      throw searchFault(error);
    });
    return this.noted(path, answer);
  }

  private async allPages<R>(
    path: string,
    what: string,
    decoder: z.ZodType<{ data: R[]; pagination: { count: number } }>,
    columns: string[],
  ): Promise<R[]> {
    const rows: R[] = [];
    for (let page = 1; ; page += 1) {
      const body = { filters: [], attributes: columns, pagination: { page, page_size: 100, order: null } };
      const { value } = await this.search(path, what, decoder, body);
      rows.push(...(value?.data ?? []));
      if (!value || value.data.length === 0 || page * 100 >= value.pagination.count) return rows;
    }
  }

  /** Plytix announces the end of an endpoint in a header; that is worth one line for each. */
  private noted<T>(path: string, answer: HttpAnswer<T>): HttpAnswer<T> {
    const notice = answer.headers['x-plytix-deprecation'];
    const endpoint = path.replace(/[0-9a-f]{24}/g, '{id}');
    if (notice !== undefined && !this.deprecations.has(endpoint)) {
      this.deprecations.add(endpoint);
      this.context.logger.warn({ endpoint, notice }, 'plytix announces the removal of an endpoint');
    }
    return answer;
  }
}
