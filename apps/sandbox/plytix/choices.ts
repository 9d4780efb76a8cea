/**
 * Where Plytix's documentation is silent, contradictory or known only from hearsay, the sandbox has to choose.
 * Every such choice is in this file, with what is known and why it was made. A choice that a client may depend on
 * is a field of `Choices`, so that a test can turn it; the others are texts and constants below.
 */
export interface Choices {
  /** Search shows a write only after this many milliseconds; reads by id are never late. Seen live; duration unknown. */
  searchLagMs: number;
  /** 202 answers take effect after this many milliseconds. A client's tests wait one second. */
  asyncDelayMs: number;
  /** Whether a variant's `modified` moves when it inherits another value. Unknown; `false` is harder for a client. */
  bumpVariantsOnInheritedChange: boolean;
  /** Whether the account has "automatic inheritance"; without it a family level other than `no_level` is a 403. */
  automaticInheritance: boolean;
  /** Body of a refused token request: as recorded from the service, or flat as documented. */
  auth401Shape: 'live' | 'documented';
  /** What a 429 tells: with `Retry-After` in seconds, or without; in Plytix's error shape, or in the gateway's (Kong). */
  rateLimitAnswer: 'retry-after' | 'bare' | 'gateway';
  /** Whether `modified` and `created` filters take a time of day. Documented examples carry dates only. */
  dateTimeFilters: 'accept' | 'reject';
  /** Whether products can be filtered by `parent_id`. An upgrade note of a client suggests it. */
  parentIdFilterable: boolean;
  /** Whether `GET /v2/products/{id}/variants` exists. Undocumented, but called by a live-used client. */
  v2VariantsReadable: boolean;
  /** Whether linking a variant of one parent to another parent moves it, or is refused with 422. */
  linkMovesVariant: boolean;
  /** How a Date attribute reads. The documentation prints the date; recordings carry a midnight. */
  dateAttributes: { v1: 'date' | 'midnight'; v2: 'date' | 'midnight' };
  /** Custom columns that one search may ask for. General section: 20; product pages: 50; `id` and `sku` are free. */
  columnCap: { v1: number; v2: number };
}

export const defaultChoices: Choices = {
  searchLagMs: 0,
  asyncDelayMs: 200,
  bumpVariantsOnInheritedChange: false,
  automaticInheritance: true,
  auth401Shape: 'live',
  rateLimitAnswer: 'retry-after',
  dateTimeFilters: 'accept',
  parentIdFilterable: true,
  v2VariantsReadable: true,
  linkMovesVariant: true,
  dateAttributes: { v1: 'midnight', v2: 'date' },
  columnCap: { v1: 20, v2: 50 },
};

/** Texts that nobody recorded. Their wording follows the recorded ones (Flask and Kong, by their fingerprints). */
export const unrecorded = {
  badToken: 'Invalid token',
  expiredToken: 'Token has expired',
  routeNotFound:
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  methodNotAllowed: 'The method is not allowed for the requested URL.',
  jobsForbidden: 'Permission denied.',
  rateLimited: 'Rate limit exceeded',
  gatewayRateLimited: 'API rate limit exceeded',
  inheritanceUnavailable: 'Automatic inheritance is not available for this account',
  pageSize: 'page_size must be between 1 and 100',
  page: 'page must be 1 or more',
  tooManyResultsToOrder:
    'The result has more than 10000 elements and cannot be ordered. Use filters to reduce it.',
  missingField: 'Missing data for required field.',
  notString: 'Not a valid string.',
  notBoolean: 'Not a valid boolean.',
  notInteger: 'Not a valid integer.',
  notList: 'Not a valid list.',
  notDate: 'Not a valid date. Format must be: YYYY-MM-DD',
  notUrl: 'Not a valid URL.',
  notDecimal: 'Not a valid decimal value. Format must be: 0.00',
  notMedia: 'Not a valid media value. Format must be: {"id": "<asset id>"}',
  notObject: 'Invalid input type.',
  skuLength: 'Length must be between 1 and 100.',
  badGtin: 'Not a valid GTIN.',
  duplicateGtin: 'A product with the same GTIN already exists',
  familyOfVariant: 'Product family can not be assigned to a variant',
  variantOfVariant: 'A variant can not have variants',
  parentAsVariant: 'A product with variants can not be a variant',
  variantOfOther: 'The product is already a variant of another product',
  variantLimit: 'A product can not have more than 300 variants',
  unknownRelationship: 'relationship does not exist',
  categoryDepth: 'Categories can not have more than 6 levels',
  categoryCycle: 'A category can not be moved below itself',
  categorySort: 'sort_children must contain all children',
  categoryMoveAndSort: 'parent_id and sort_children can not be used together',
  readOnlyAttribute: 'The attribute is read only',
} as const;

/**
 * Smaller readings, each in force where it is used:
 * - the order without `order` is newest first (deduced for categories), ties are broken by id;
 * - ordering compares text by code unit and puts what is empty first (as MongoDB does);
 * - `in` on text compares exactly, also on `sku`; a single value counts as a list of one;
 * - a date in a filter stands for its midnight in UTC, except in `eq`, where it stands for the day;
 * - `cat_in` and `by_in` mean the same as `in`;
 * - an empty text or list is "empty", as null is;
 * - a variant's write of a value that it inherits anyway changes nothing and marks nothing as overwritten;
 * - clearing an overwritten attribute leaves it overwritten and empty, until it is resynchronised;
 * - linking drops a variant's own values where its family inherits; unlinking keeps what it showed as its own;
 * - `categories` of a product carry their path as names, root first, the category itself last;
 * - deleting an attribute removes its values and moves no product's `modified`;
 * - `product_family_id` is accepted as a search column and never returned (live: search does not return it);
 * - two writes of one product within one millisecond get different times, since over a real network they would.
 */
export const NEVER_RETURNED_BY_SEARCH: readonly string[] = ['product_family_id', 'product_family_model_id'];

/** What the token's claims promise when the limits are off, so that a client that heeds them is not slowed down. */
export const UNLIMITED = { perTenSeconds: 100_000, perHour: 10_000_000 } as const;
