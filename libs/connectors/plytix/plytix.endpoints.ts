/**
 * Everything about Plytix's API that could not be checked against a live account, in one place, with the addresses.
 * Sources: the official Postman collection (apidocs.plytix.com), recordings of third-party clients.
 * What is marked UNVERIFIED is a reading; a real account that disagrees is served by changing it here.
 */
export const endpoints = {
  token: '/auth/api/get-token',
  searchProducts: '/api/v2/products/search',
  product: (id: string) => `/api/v2/products/${encodeURIComponent(id)}`,
  /** v1 on purpose: the v2 form is not documented. Only ids and SKUs are taken from it, states come from v2. */
  variantsOf: (id: string) => `/api/v1/products/${encodeURIComponent(id)}/variants`,
  searchAttributes: '/api/v1/attributes/product/search',
  searchCategories: '/api/v1/categories/product/search',
  /** UNVERIFIED: the product's page for people. */
  page: (id: string) => `/products/${encodeURIComponent(id)}`,
} as const;

export const choices = {
  /** Columns of one product search; `id` and `sku` are free. Documented as 50 for v2 (20 in a general section). */
  columnLimit: 50,
  /**
   * System columns that are asked for. `parent_id` and `num_variations` come unasked (recorded), and asking for a
   * column that does not exist is a 422.
   */
  systemColumns: ['modified', 'created', 'label', 'status', 'gtin', 'product_level', 'categories'],
  /** Columns of a poll, which only needs to know who changed. */
  changeColumns: ['modified', 'product_level'],
  /**
   * How rows are looked up in bulk. `sku in` is known to work live, though the filter list does not name it;
   * `id in` is not known. A row that is not found so is read by its id.
   */
  lookupField: 'sku',
  lookupLimit: 100,
  /** More matches than this cannot be ordered: status 428. Only its status is documented. */
  tooManyToOrder: 428,
  /** Unique, and documented as sortable. An unknown order is ignored in silence. */
  stableOrder: 'sku',
  newestFirst: '-modified',
  /** UNVERIFIED whether a filter takes a time of day: only dates are documented, so whole days are asked for. */
  filterPrecision: 'date',
  /** UNVERIFIED in which zone a filter's date lies: a day is added on the safe side. */
  filterDateMarginMs: 24 * 60 * 60 * 1000,
  /** Where in the token's claims the plan's limits are. UNVERIFIED in detail, so that any of these is taken. */
  rateLimitClaims: [
    ['user_claims', 'account', 'rate_limit'],
    ['account', 'rate_limit'],
  ],
  /** Attribute types whose value changes without an edit; they are not read. */
  computedTypes: ['CompletenessAttribute'],
} as const;

/** Published for the smallest plan; in force where neither the configuration nor the token says otherwise. */
export const DEFAULT_WINDOWS = [
  { limit: 20, windowMs: 10_000 },
  { limit: 2_000, windowMs: 3_600_000 },
] as const;

/** The authentication service takes eight calls a second (recorded headers). */
export const AUTH_WINDOWS = [{ limit: 8, windowMs: 1_000 }] as const;
