import type { Answer } from '../../http/answer';
import type { Product } from '../model';
import { readProduct } from '../product-reading';
import type { Tenant } from '../tenant';
import { markup, pageAnswer, readableTime } from './html';
import type { Markup } from './html';

const PAGE_SIZE = 25;

/** Products by SKU; with a search also variants. */
export function listPage(tenant: Tenant, query: URLSearchParams, deleted: string | null): Answer {
  const wanted = (query.get('q') ?? '').trim();
  const rows = matching(tenant, wanted);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_SIZE));
  const page = Math.min(pages, Math.max(1, Math.floor(Number(query.get('page')) || 1)));
  const shown = rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const content = markup`<h1>Products</h1>
    ${deleted !== null && markup`<p class="note" role="status">${deleted} was deleted.</p>`}
    <form class="search" method="get" action="/" role="search">
      <div>
        <label for="q">Search SKU, label or GTIN</label
        ><input id="q" name="q" type="search" value="${wanted}" />
      </div>
      <button>Search</button>
      <a class="button" href="/products/new">Create a product</a>
    </form>
    ${shown.length > 0 ? table(tenant, shown, rows.length, wanted) : nothing(tenant, wanted)}
    ${pages > 1 && pager(page, pages, wanted)}`;
  return pageAnswer(200, wanted === '' ? 'Products' : `Products matching ${wanted}`, content);
}

function matching(tenant: Tenant, wanted: string): Product[] {
  const folded = wanted.toLowerCase();
  const rows = [...tenant.store.products.all()].filter((row) => {
    if (folded === '') return row.parent_id === null;
    const label = readProduct(tenant.store, row).system('label');
    return [row.sku, label, row.gtin].some((text) => text?.toLowerCase().includes(folded));
  });
  return rows.sort((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0));
}

function nothing(tenant: Tenant, wanted: string): Markup {
  if (tenant.store.products.size === 0) {
    return markup`<div class="empty">
      <p>There are no products yet.</p>
      <p><a class="button" href="/products/new">Create the first product</a></p>
    </div>`;
  }
  return markup`<div class="empty">
    <p>Nothing matches “${wanted}”.</p>
    <p><a href="/">Show all products</a></p>
  </div>`;
}

function table(tenant: Tenant, rows: readonly Product[], count: number, wanted: string): Markup {
  const title = `${count.toLocaleString('en-GB')} ${wanted === '' ? 'products' : 'matches'}`;
  return markup`<div class="scroll">
    <table>
      <caption class="hint">
        ${title}
      </caption>
      <thead>
        <tr>
          <th scope="col">Picture</th>
          <th scope="col">SKU</th>
          <th scope="col">Label</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">Variants</th>
          <th scope="col">Modified</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => line(tenant, row))}
      </tbody>
    </table>
  </div>`;
}

function line(tenant: Tenant, row: Product): Markup {
  const reading = readProduct(tenant.store, row);
  const variants = row.parent_id === null ? reading.variantCount.toLocaleString('en-GB') : 'variant';
  return markup`<tr>
    <td>${thumbnail(tenant, reading.system('thumbnail'))}</td>
    <td><a href="/products/${row.id}">${row.sku}</a></td>
    <td>${reading.system('label') ?? ''}</td>
    <td>${reading.system('status')}</td>
    <td class="number">${variants}</td>
    <td>${readableTime(row.modified)}</td>
  </tr> `;
}

/** A small picture, served by the sandbox itself whatever its public address is. */
export function thumbnail(tenant: Tenant, assetId: string | null): Markup | null {
  const asset = assetId === null ? undefined : tenant.store.assets.get(assetId);
  if (!asset) return null;
  const path = `/api/v1.1/thumb/public_files/pim/assets/${asset.id}/${encodeURIComponent(asset.filename)}`;
  return markup`<img src="${path}" alt="" width="40" height="40" />`;
}

function pager(page: number, pages: number, wanted: string): Markup {
  const to = (target: number): string => {
    const query = new URLSearchParams({ ...(wanted === '' ? {} : { q: wanted }), page: String(target) });
    return `/?${query}`;
  };
  return markup`<nav class="pages" aria-label="Pages">
    ${page > 1 && markup`<a class="button" rel="prev" href="${to(page - 1)}">Previous</a>`}
    <span>Page ${page} of ${pages}</span>
    ${page < pages && markup`<a class="button" rel="next" href="${to(page + 1)}">Next</a>`}
  </nav>`;
}
