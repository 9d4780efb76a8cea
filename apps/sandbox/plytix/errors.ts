import { json } from '../http/answer';
import type { Answer, Json } from '../http/answer';

export interface FieldError {
  field: string;
  msg: Json;
}

/** An error answer in Plytix's shape: `{"error":{"msg":…,"errors":[{"field","msg"}]}}`; `errors` only where it has some. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly msg: Json,
    readonly errors?: readonly FieldError[],
    readonly headers: Record<string, string> = {},
  ) {
    super(typeof msg === 'string' ? msg : JSON.stringify(msg));
  }

  toAnswer(): Answer {
    const error = this.errors
      ? { msg: this.msg, errors: this.errors.map((e) => ({ ...e })) }
      : { msg: this.msg };
    return json(this.status, { error }, this.headers);
  }
}

/* The catalogue of documented and recorded errors. Leading spaces and doubled words are the service's own. */

export const decodeFailed = (detail: string): ApiError =>
  new ApiError(400, `Failed to decode JSON object: ${detail}`, [{ field: 'http_status_code', msg: 400 }]);

export const schemaError = (field: string, msg: string): ApiError =>
  new ApiError(422, 'Schema validation error', [{ field, msg }]);

export const productInvalid = (errors: readonly FieldError[]): ApiError =>
  new ApiError(422, 'product data validation failed', errors);

export const duplicateSku = (): ApiError =>
  new ApiError(409, 'product data validation failed', [
    { field: 'sku', msg: 'A product with the same SKU already exists' },
  ]);

export const productNotFound = (id: string): ApiError =>
  new ApiError(404, ` No results found for ${id}`, [{ field: 'id', msg: 'product does not exist' }]);

/** DELETE answers the same text without the leading space. */
export const productNotFoundOnDelete = (id: string): ApiError =>
  new ApiError(404, `No results found for ${id}`, [{ field: 'id', msg: 'product does not exist' }]);

/** PATCH in v2 names `None` instead of the id (recorded). */
export const productNotFoundOnV2Patch = (): ApiError =>
  new ApiError(404, 'No results found for None', [{ field: 'id', msg: 'does not exist' }]);

export const variantParentNotFound = (id: string): ApiError =>
  new ApiError(404, ` No results found for ${id}`, [{ field: 'id', msg: 'does not exist' }]);

export const productOfAssetsNotFound = (id: string): ApiError =>
  new ApiError(404, `No product found for id ${id}`);

export const attributeNotFound = (id: string): ApiError =>
  new ApiError(404, ` No results found for ${id}`, [{ field: 'id', msg: 'id does not exist' }]);

/** Families, groups and categories share the text; only the product's and the asset's differ. */
export const rowNotFound = (id: string): ApiError =>
  new ApiError(404, ` No results found for ${id}`, [{ field: 'id', msg: 'does not exist' }]);

export const assetNotFound = (id: string): ApiError =>
  new ApiError(404, ` No results found for ${id}`, [{ field: 'asset_id', msg: 'asset does not exist' }]);

export const duplicateAttribute = (): ApiError =>
  new ApiError(422, 'a product attribute with same name already exists');

export const duplicateCategory = (name: string): ApiError =>
  new ApiError(422, `Category ${name} already exists`, [{ field: 'name', msg: 'already exists' }]);

export const unknownCategory = (id: string): ApiError =>
  new ApiError(422, `Unknown category ${id}`, [{ field: 'category.id', msg: 'does not exist' }]);

export const categoryAlreadyLinked = (id: string): ApiError =>
  new ApiError(409, `Category id ${id} is already linked to product`, [
    { field: 'category.id', msg: 'already linked' },
  ]);

/** The field really is called asset.id. */
export function categoryNotRelated(categoryId: string, productId: string): ApiError {
  const msg = `category_id ${categoryId} is not related to product id ${productId}`;
  return new ApiError(404, msg, [{ field: 'asset.id', msg }]);
}

export const familiesDiffer = (): ApiError =>
  new ApiError(422, 'Parent and variants must be assigned to the same family');

export const notVariantOfParent = (): ApiError =>
  new ApiError(422, 'unlinking unrelated products', [
    { field: 'variant', msg: 'this product is not variant of the parent product' },
  ]);

export const notInheritable = (label: string): ApiError =>
  new ApiError(400, 'You must only supply attributes from parent product when accessing this resource', [
    { field: 'attribute_labels', msg: `attributes.${label} not a parent attribute from family model` },
  ]);
