/** Plytix's answers as decoders. A page is strict in its frame and lenient in its rows: a bad row blocks only itself. */
import { z } from 'zod';
import { JsonNumber } from '#connector-sdk';

/** A number, also where it was written in a form that JavaScript would not (1.0). */
const count = z.preprocess(
  (value) => (value instanceof JsonNumber ? Number(value.text) : value),
  z.number().int().nonnegative(),
);

const id = z.string().min(1);

/** Ids of linked things; they come as "id", {id}, or a list of either, and the form changed over time. */
const linkedIds = z
  .union([z.null(), z.string(), z.looseObject({ id }), z.array(z.union([z.string(), z.looseObject({ id })]))])
  .transform((value) =>
    (value === null ? [] : Array.isArray(value) ? value : [value]).map((one) =>
      typeof one === 'string' ? one : one.id,
    ),
  );

/** A product as v2 search and v2 GET return it. What is empty may be null or left out. */
export const productRow = z.object({
  id,
  sku: z.string().nullish(),
  modified: z.string(),
  created: z.string().nullish(),
  label: z.string().nullish(),
  status: z.string().nullish(),
  gtin: z.string().nullish(),
  product_level: count,
  num_variations: count.nullish(),
  parent_id: z.string().nullish(),
  categories: linkedIds.optional(),
  attributes: z.record(z.string(), z.unknown()).nullish(),
});
export type ProductRow = z.infer<typeof productRow>;

/** What a poll knows of a product; nothing but its id is certain. */
export const changeRow = z.object({
  id,
  sku: z.string().nullish().catch(null),
  modified: z.string().nullish().catch(null),
  product_level: count.nullish().catch(null),
  num_variations: count.nullish().catch(null),
  parent_id: z.string().nullish().catch(null),
});
export type ChangeRow = z.infer<typeof changeRow>;

/** A row that has not been looked into yet. */
const rawRow = z.looseObject({ id });
export type RawRow = z.infer<typeof rawRow>;

export const productPage = z.object({
  data: z.array(rawRow),
  pagination: z.object({ count, total_count: count.nullish() }),
});
export type ProductPage = z.infer<typeof productPage>;

/** A single record comes as a list of one. */
export const singleProduct = z.object({ data: z.array(rawRow).length(1) }).transform(({ data }) => data[0]!);

export const variantList = z.object({
  data: z.array(z.object({ id, sku: z.string().nullish(), num_variations: count.nullish() })),
});

export const attributePage = z.object({
  data: z.array(z.object({ label: z.string().min(1), type_class: z.string().min(1) })),
  pagination: z.object({ count }),
});

export const categoryPage = z.object({
  data: z.array(z.object({ id, name: z.string(), parents_ids: z.array(z.string()).nullish() })),
  pagination: z.object({ count }),
});

export const tokenAnswer = z.object({
  data: z.array(z.object({ access_token: z.string().min(1) })).min(1),
});

/** Claims of the token that are used; both are optional, the defaults serve. */
export const tokenClaims = z.looseObject({ exp: z.number().optional() });

export const rateLimitClaim = z.array(
  z.object({ limit: z.number().positive(), window: z.number().positive() }),
);

/** The error body of v1 and v2. */
export const errorBody = z.object({
  error: z.object({
    msg: z.unknown(),
    errors: z.array(z.looseObject({ field: z.unknown(), msg: z.unknown() })).optional(),
  }),
});
