import { isJsonObject, redirect } from '../../http/answer';
import type { Answer } from '../../http/answer';
import { ApiError } from '../errors';
import type { Product } from '../model';
import { LEVEL, categoryPath, readProduct } from '../product-reading';
import { createProduct, createVariant, deleteProduct, patchProduct } from '../products/operations';
import { PAGE_ACTOR } from '../tenant';
import type { Tenant } from '../tenant';
import { changedBody, currentValues, fieldsets, formFields, sentValues } from './fields';
import type { FormValues } from './fields';
import { markup, pageAnswer, readableTime } from './html';
import type { Markup } from './html';
import { thumbnail } from './list';

interface Note {
  text: string;
  bad: boolean;
}

interface FormState {
  values: FormValues;
  /** What the form was first loaded with. */
  loaded: FormValues;
  errors: Readonly<Record<string, string>>;
  note: Note | null;
}

/** A product with its form. `saved` is the query's word on what the redirect before did. */
export function productPage(tenant: Tenant, row: Product, saved: string | null): Answer {
  const loaded = currentValues(readProduct(tenant.store, row), formFields(tenant));
  return productAnswer(tenant, row, 200, { values: loaded, loaded, errors: {}, note: savedNote(row, saved) });
}

/** Saves a form through the API's own write path, as a person instead of a key. */
export function saveProduct(tenant: Tenant, row: Product, form: URLSearchParams): Answer {
  const fields = formFields(tenant);
  const loaded = loadedValues(form, currentValues(readProduct(tenant.store, row), fields));
  const sent = sentValues(form, fields);
  try {
    const next = patchProduct(tenant, row, changedBody(fields, loaded, sent), PAGE_ACTOR);
    return redirect(303, `/products/${row.id}?saved=${next === row ? 'unchanged' : 'yes'}`);
  } catch (error) {
    const refused = refusal(error);
    return productAnswer(tenant, row, refused.status, { values: sent, loaded, ...refused });
  }
}

/** The form for a new product, or for a new variant of `parent`. */
export function newPage(tenant: Tenant, parent: Product | null): Answer {
  const values: FormValues = { status: 'Draft' };
  return newAnswer(tenant, parent, 200, { values, loaded: {}, errors: {}, note: null });
}

export function saveNew(tenant: Tenant, parent: Product | null, form: URLSearchParams): Answer {
  const fields = formFields(tenant);
  const sent = sentValues(form, fields);
  try {
    const body = changedBody(fields, {}, sent);
    const row = parent
      ? createVariant(tenant, parent.id, body, PAGE_ACTOR)
      : createProduct(tenant, body, PAGE_ACTOR);
    return redirect(303, `/products/${row.id}?saved=created`);
  } catch (error) {
    const refused = refusal(error);
    return newAnswer(tenant, parent, refused.status, { values: sent, loaded: {}, ...refused });
  }
}

export function removeProduct(tenant: Tenant, row: Product): Answer {
  deleteProduct(tenant, row, PAGE_ACTOR);
  return redirect(303, `/?${new URLSearchParams({ deleted: row.sku })}`);
}

function productAnswer(tenant: Tenant, row: Product, status: number, state: FormState): Answer {
  const reading = readProduct(tenant.store, row);
  const content = markup`<p><a href="/">All products</a></p>
    <h1>${row.sku}</h1>
    ${noteMarkup(state.note)} ${facts(tenant, row)}
    <form method="post" action="/products/${row.id}">
      <input type="hidden" name="loaded" value="${JSON.stringify(state.loaded)}" />
      ${fieldsets(formFields(tenant), state.values, state.errors, (name) => reading.inherits(name))}
      <div class="actions"><button class="main">Save</button></div>
    </form>
    ${reading.level < LEVEL.variant && variants(tenant, row)} ${deletion(tenant, row)}`;
  return pageAnswer(status, row.sku, content);
}

function newAnswer(tenant: Tenant, parent: Product | null, status: number, state: FormState): Answer {
  const action = parent ? `/products/${parent.id}/variants/new` : '/products/new';
  const title = parent ? `New variant of ${parent.sku}` : 'New product';
  const heir = parent && tenant.store.families.get(parent.family_id ?? '');
  const content = markup`<p>
      <a href="${parent ? `/products/${parent.id}` : '/'}">${parent ? parent.sku : 'All products'}</a>
    </p>
    <h1>${title}</h1>
    ${noteMarkup(state.note)}
    <form method="post" action="${action}">
      ${fieldsets(formFields(tenant), state.values, state.errors, (name) => heir?.levels[name] === 'parent_level')}
      <div class="actions"><button class="main">Create</button></div>
    </form>`;
  return pageAnswer(status, title, content);
}

function facts(tenant: Tenant, row: Product): Markup {
  const reading = readProduct(tenant.store, row);
  const { parent } = reading;
  const categories = reading
    .categories()
    .map((category) => categoryPath(tenant.store.categories, category).join(' / '));
  return markup`${thumbnail(tenant, reading.system('thumbnail'))}
    <p class="hint">
      Id <code>${row.id}</code> · ${reading.type.toLowerCase()}
      ${parent && markup` of <a href="/products/${parent.row.id}">${parent.row.sku}</a>`} · family
      ${reading.family?.name ?? 'none'} · ${categories.length > 0 ? categories.join(', ') : 'no category'} ·
      created ${readableTime(row.created)} · modified ${readableTime(row.modified)}
    </p>`;
}

function variants(tenant: Tenant, row: Product): Markup {
  const rows = tenant.store.products.variantsOf(row.id);
  const table = markup`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">SKU</th>
          <th scope="col">Label</th>
          <th scope="col">GTIN</th>
          <th scope="col">Modified</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((variant) => {
          const label = readProduct(tenant.store, variant).system('label');
          return markup`<tr>
            <td><a href="/products/${variant.id}">${variant.sku}</a></td>
            <td>${label ?? ''}</td>
            <td>${variant.gtin ?? ''}</td>
            <td>${readableTime(variant.modified)}</td>
          </tr> `;
        })}
      </tbody>
    </table>
  </div>`;
  return markup`<h2>Variants</h2>
    ${rows.length > 0 ? table : markup`<p>This product has no variants.</p>`}
    <p class="actions"><a class="button" href="/products/${row.id}/variants/new">Add a variant</a></p>`;
}

function deletion(tenant: Tenant, row: Product): Markup {
  const count = tenant.store.products.variantCount(row.id);
  const what = count > 0 ? `${row.sku} and its ${count} variants` : row.sku;
  return markup`<h2>Delete</h2>
    <details>
      <summary>Delete ${what}</summary>
      <p>This cannot be undone.</p>
      <form method="post" action="/products/${row.id}/delete">
        <button class="danger">Delete ${what} for good</button>
      </form>
    </details>`;
}

function noteMarkup(note: Note | null): Markup | null {
  if (!note) return null;
  return note.bad
    ? markup`<p class="note bad" role="alert">${note.text}</p>`
    : markup`<p class="note" role="status">${note.text}</p>`;
}

function savedNote(row: Product, saved: string | null): Note | null {
  const at = readableTime(row.modified);
  switch (saved) {
    case 'yes':
      return { text: `Saved at ${at}.`, bad: false };
    case 'created':
      return { text: `Created at ${readableTime(row.created)}.`, bad: false };
    case 'unchanged':
      return { text: `Nothing was changed, so nothing was saved. Last modified at ${at}.`, bad: false };
    default:
      return null;
  }
}

/** What the API's error says, told to a person. */
function refusal(error: unknown): { status: number; errors: Record<string, string>; note: Note } {
  if (!(error instanceof ApiError)) throw error;
  const errors: Record<string, string> = {};
  const SYSTEM = new Set(['sku', 'label', 'status', 'gtin']);
  for (const { field, msg } of error.errors ?? []) {
    errors[SYSTEM.has(field) ? field : `attributes.${field}`] = String(msg);
  }
  const details = (error.errors ?? []).map(({ field, msg }) => `${field}: ${String(msg)}`).join('; ');
  return {
    status: error.status,
    errors,
    note: { text: `Not saved. ${details || error.message}`, bad: true },
  };
}

/** The values that the form was loaded with travel in the form itself. */
function loadedValues(form: URLSearchParams, fallback: FormValues): FormValues {
  try {
    const loaded: unknown = JSON.parse(form.get('loaded') ?? '');
    if (!isJsonObject(loaded)) return fallback;
    return Object.fromEntries(Object.entries(loaded).map(([name, value]) => [name, String(value)]));
  } catch {
    return fallback;
  }
}
