import { z } from 'zod';
import { empty, json } from '../http/answer';
import type { Answer, Json } from '../http/answer';
import type { CallCounter } from '../http/calls';
import { faultSchema } from '../http/faults';
import type { FaultRegister } from '../http/faults';
import { Router } from '../http/router';
import type { Route } from '../http/router';
import type { SandboxRequest } from '../http/server';
import type { TokenOffice } from './auth';
import type { Product } from './model';
import { categoryPath, readProduct } from './product-reading';
import type { SeedMark } from './store';
import type { Tenant } from './tenant';

export interface AdminParts {
  tenant: Tenant;
  tokens: TokenOffice;
  calls: CallCounter;
  faults: FaultRegister;
  /** Fills the account anew. */
  reset(mark: SeedMark): void;
}

type Handler = (request: SandboxRequest) => Answer;

const resetSchema = z.strictObject({
  products: z.int().min(0).max(200_000).optional(),
  seed: z.int().optional(),
});

const clockSchema = z.union([
  z.strictObject({ freeze: z.iso.datetime({ offset: true }) }),
  z.strictObject({ shift_ms: z.number() }),
  z.strictObject({ reset: z.literal(true) }),
]);

const choicesSchema = z.strictObject({
  searchLagMs: z.number().min(0).optional(),
  asyncDelayMs: z.number().min(0).optional(),
  bumpVariantsOnInheritedChange: z.boolean().optional(),
  automaticInheritance: z.boolean().optional(),
  auth401Shape: z.enum(['live', 'documented']).optional(),
  rateLimitAnswer: z.enum(['retry-after', 'bare', 'gateway']).optional(),
  dateTimeFilters: z.enum(['accept', 'reject']).optional(),
  parentIdFilterable: z.boolean().optional(),
  v2VariantsReadable: z.boolean().optional(),
  linkMovesVariant: z.boolean().optional(),
  dateAttributes: z
    .strictObject({ v1: z.enum(['date', 'midnight']), v2: z.enum(['date', 'midnight']) })
    .optional(),
  columnCap: z.strictObject({ v1: z.int().min(1), v2: z.int().min(1) }).optional(),
});

/** What steers the sandbox. None of this exists at the vendor, so it never lies below `/api`. */
export class Admin {
  private readonly router: Router<Handler>;

  constructor(private readonly parts: AdminParts) {
    const { calls, faults, tokens, tenant } = parts;
    const routes: Route<Handler>[] = [
      { method: 'GET', path: '/admin/health', handle: () => this.health() },
      { method: 'GET', path: '/admin/state', handle: () => this.state() },
      { method: 'POST', path: '/admin/reset', handle: (request) => this.reset(request) },
      { method: 'GET', path: '/admin/faults', handle: () => json(200, { faults: toJson(faults.list()) }) },
      { method: 'POST', path: '/admin/faults', handle: (request) => this.addFault(request) },
      { method: 'DELETE', path: '/admin/faults', handle: () => done(() => faults.clear()) },
      { method: 'GET', path: '/admin/calls', handle: () => json(200, calls.report()) },
      { method: 'DELETE', path: '/admin/calls', handle: () => done(() => calls.clear()) },
      { method: 'GET', path: '/admin/clock', handle: () => json(200, tenant.clock.describe()) },
      { method: 'POST', path: '/admin/clock', handle: (request) => this.setClock(request) },
      { method: 'GET', path: '/admin/choices', handle: () => json(200, toJson(tenant.choices)) },
      { method: 'POST', path: '/admin/choices', handle: (request) => this.choose(request) },
      { method: 'POST', path: '/admin/expire-tokens', handle: () => done(() => tokens.expireAll()) },
    ];
    this.router = new Router(routes);
  }

  respond(request: SandboxRequest): Answer {
    const match = this.router.match(request.method, request.path);
    if (match.kind === 'unknown') return problem(404, `there is no ${request.path}`);
    if (match.kind === 'wrong-method') {
      return problem(405, `${request.path} takes ${match.allow.join(', ')}`);
    }
    try {
      return match.route.handle(request);
    } catch (error) {
      if (error instanceof z.ZodError) return problem(422, z.prettifyError(error));
      if (error instanceof SyntaxError) return problem(400, `the body is not JSON: ${error.message}`);
      throw error;
    }
  }

  private health(): Answer {
    const { store } = this.parts.tenant;
    return json(200, { status: 'ok', ...this.counts(), seed: store.mark?.seed ?? null });
  }

  private counts(): { products: number; variants: number } {
    const rows = [...this.parts.tenant.store.products.all()];
    const variants = rows.filter(({ parent_id }) => parent_id !== null).length;
    return { products: rows.length - variants, variants };
  }

  /** Every product as one line of JSON, by id, with its own values and with those that a reader sees. */
  private state(): Answer {
    const rows = [...this.parts.tenant.store.products.all()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const body = rows.map((row) => `${JSON.stringify(this.raw(row))}\n`).join('');
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body };
  }

  private raw(row: Product): Json {
    const { store } = this.parts.tenant;
    const reading = readProduct(store, row);
    return toJson({
      ...row,
      created: new Date(row.created).toISOString(),
      modified: new Date(row.modified).toISOString(),
      product_level: reading.level,
      product_type: reading.type,
      num_variations: reading.variantCount,
      family: reading.family?.name ?? null,
      own: { label: row.label, status: row.status, thumbnail: row.thumbnail, attributes: row.attributes },
      label: reading.system('label'),
      status: reading.system('status'),
      thumbnail: reading.system('thumbnail'),
      categories: reading.system('categories'),
      category_paths: reading.categories().map((category) => categoryPath(store.categories, category)),
      attributes: reading.attributes(),
      assets: reading.assets().map(({ id }) => id),
    });
  }

  private reset(request: SandboxRequest): Answer {
    const wanted = resetSchema.parse(body(request));
    const mark = this.parts.tenant.store.mark;
    this.parts.reset({
      products: wanted.products ?? mark?.products ?? 0,
      seed: wanted.seed ?? mark?.seed ?? 0,
    });
    return json(200, this.counts());
  }

  private addFault(request: SandboxRequest): Answer {
    return json(201, { id: this.parts.faults.add(faultSchema.parse(body(request))) });
  }

  private setClock(request: SandboxRequest): Answer {
    const { clock } = this.parts.tenant;
    const wanted = clockSchema.parse(body(request));
    if ('freeze' in wanted) clock.freeze(Date.parse(wanted.freeze));
    else if ('shift_ms' in wanted) clock.shift(wanted.shift_ms);
    else clock.reset();
    return json(200, clock.describe());
  }

  private choose(request: SandboxRequest): Answer {
    Object.assign(this.parts.tenant.choices, choicesSchema.parse(body(request)));
    return json(200, toJson(this.parts.tenant.choices));
  }
}

function body(request: SandboxRequest): unknown {
  return request.body.length === 0 ? {} : JSON.parse(request.body.toString('utf8'));
}

function done(action: () => void): Answer {
  action();
  return empty(204);
}

function problem(status: number, message: string): Answer {
  return json(status, { error: message });
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
