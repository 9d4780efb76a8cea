import type { Answer } from '../../http/answer';
import { Router } from '../../http/router';
import type { Route } from '../../http/router';
import type { SandboxRequest } from '../../http/server';
import type { Product } from '../model';
import type { Tenant } from '../tenant';
import { markup, pageAnswer } from './html';
import { listPage } from './list';
import { newPage, productPage, removeProduct, saveNew, saveProduct } from './product';

interface PageCall {
  product: Product | undefined;
  query: URLSearchParams;
  form: URLSearchParams;
}
type Handler = (call: PageCall) => Answer;

/** The plain page on which a person looks at products and edits them. */
export class Page {
  private readonly router: Router<Handler>;

  constructor(private readonly tenant: Tenant) {
    const routes: Route<Handler>[] = [
      { method: 'GET', path: '/', handle: ({ query }) => listPage(tenant, query, query.get('deleted')) },
      { method: 'GET', path: '/products/new', handle: () => newPage(tenant, null) },
      { method: 'POST', path: '/products/new', handle: ({ form }) => saveNew(tenant, null, form) },
      {
        method: 'GET',
        path: '/products/{id}',
        handle: withProduct((row, { query }) => productPage(tenant, row, query.get('saved'))),
      },
      {
        method: 'POST',
        path: '/products/{id}',
        handle: withProduct((row, { form }) => saveProduct(tenant, row, form)),
      },
      {
        method: 'POST',
        path: '/products/{id}/delete',
        handle: withProduct((row) => removeProduct(tenant, row)),
      },
      {
        method: 'GET',
        path: '/products/{id}/variants/new',
        handle: withProduct((row) => newPage(tenant, row)),
      },
      {
        method: 'POST',
        path: '/products/{id}/variants/new',
        handle: withProduct((row, { form }) => saveNew(tenant, row, form)),
      },
    ];
    this.router = new Router(routes);
  }

  respond(request: SandboxRequest): Answer {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const match = this.router.match(method, request.path);
    if (match.kind === 'unknown') return missing();
    if (match.kind === 'wrong-method')
      return pageAnswer(405, 'Not possible', markup`<h1>That is not possible here</h1>`);
    return match.route.handle({
      product: this.tenant.store.products.get(match.params['id'] ?? ''),
      query: request.query,
      form: new URLSearchParams(request.body.toString('utf8')),
    });
  }
}

/** For pages of one product: the page that says so, if there is no such product. */
function withProduct(handle: (row: Product, call: PageCall) => Answer): Handler {
  return (call) => (call.product ? handle(call.product, call) : missing());
}

function missing(): Answer {
  return pageAnswer(
    404,
    'Not found',
    markup`<h1>Not found</h1>
      <p>This product does not exist, or no longer.</p>
      <p><a href="/">All products</a></p>`,
  );
}
