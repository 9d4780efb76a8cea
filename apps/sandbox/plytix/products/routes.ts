import { empty, isJsonObject, json } from '../../http/answer';
import type { Answer, Json } from '../../http/answer';
import { param } from '../api';
import type { ApiCall, ApiHandler, ApiRoute } from '../api';
import { unrecorded } from '../choices';
import {
  ApiError,
  categoryNotRelated,
  productNotFound,
  productNotFoundOnDelete,
  productNotFoundOnV2Patch,
  productOfAssetsNotFound,
  schemaError,
  variantParentNotFound,
} from '../errors';
import type { Product } from '../model';
import { readProduct } from '../product-reading';
import { assetShape } from '../resources/asset-shape';
import { productCountByAsset } from '../resources/assets';
import { auditStub, productCategory, wholeProduct } from './columns';
import type { Version } from './columns';
import { createProduct, createVariant, deleteProduct, patchProduct } from './operations';
import { searchProducts } from './search';
import {
  assignFamily,
  linkCategory,
  linkVariant,
  resyncVariants,
  unlinkCategory,
  unlinkVariant,
} from './structure';

type NotFound = (id: string) => ApiError;

/** Product routes of both versions. What differs between them is in `forVersion` and beside each route. */
export function productRoutes(): ApiRoute[] {
  return [...forVersion('v1'), ...forVersion('v2'), ...onlyV1(), ...onlyV2()];
}

function forVersion(version: Version): ApiRoute[] {
  const at = (path: string): string => `/api/${version}/products${path}`;
  const patchMiss = version === 'v1' ? productNotFound : productNotFoundOnV2Patch;
  const linked = (call: ApiCall): Answer =>
    version === 'v1' ? whole(call, version, product(call, 'id', variantParentNotFound)) : empty(204);
  return [
    {
      method: 'POST',
      path: at(''),
      handle: (call) => created(call, version, createProduct(call.tenant, call.body, call.actor)),
    },
    {
      method: 'POST',
      path: at('/search'),
      handle: (call) => searchProducts(call.tenant, version, call.body, call.matches),
    },
    { method: 'GET', path: at('/{id}'), handle: (call) => whole(call, version, product(call, 'id')) },
    {
      method: 'PATCH',
      path: at('/{id}'),
      handle: (call) => {
        const row = product(call, 'id', patchMiss);
        return written(call, version, 200, patchProduct(call.tenant, row, call.body, call.actor));
      },
    },
    { method: 'DELETE', path: at('/{id}'), handle: removeProduct },
    {
      method: 'POST',
      path: at('/{id}/family'),
      handle: (call) => {
        return written(
          call,
          version,
          200,
          assignFamily(call.tenant, product(call, 'id'), call.body, call.actor),
        );
      },
    },
    { method: 'GET', path: at('/{id}/assets'), handle: listAssets },
    { method: 'GET', path: at('/{id}/categories'), handle: listCategories },
    { method: 'POST', path: at('/{id}/categories'), handle: addCategory },
    { method: 'DELETE', path: at('/{id}/categories/{cid}'), handle: removeCategory },
    {
      method: 'POST',
      path: at('/{id}/variants'),
      handle: (call) => {
        const body = version === 'v1' ? wrappedVariant(call.body) : call.body;
        return created(call, version, createVariant(call.tenant, param(call, 'id'), body, call.actor));
      },
    },
    {
      method: 'POST',
      path: at('/{id}/variant/{vid}'),
      handle: (call) => {
        const [parent, variant] = pair(call);
        linkVariant(call.tenant, parent, variant, call.actor);
        return linked(call);
      },
    },
    {
      method: 'DELETE',
      path: at('/{id}/variant/{vid}'),
      handle: (call) => {
        const [parent, variant] = pair(call);
        unlinkVariant(call.tenant, parent, variant, call.actor);
        return linked(call);
      },
    },
    {
      method: 'POST',
      path: at('/{id}/variants/resync'),
      handle: (call) => {
        resyncVariants(call.tenant, product(call, 'id', variantParentNotFound), call.body, call.actor);
        return json(200, { data: [] });
      },
    },
  ];
}

function onlyV1(): ApiRoute[] {
  return [
    { method: 'GET', path: '/api/v1/products/{id}/variants', handle: (call) => listVariants(call, 'v1') },
    { method: 'GET', path: '/api/v1/products/{id}/categories/{cid}', handle: readCategory },
  ];
}

function onlyV2(): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/v2/products/{id}/variants',
      handle: (call) => {
        if (!call.tenant.choices.v2VariantsReadable) throw new ApiError(405, unrecorded.methodNotAllowed);
        return listVariants(call, 'v2');
      },
    },
  ];
}

const removeProduct: ApiHandler = (call) => {
  deleteProduct(call.tenant, product(call, 'id', productNotFoundOnDelete), call.actor);
  return empty(204);
};

const listAssets: ApiHandler = (call) => {
  const assets = readProduct(call.tenant.store, product(call, 'id', productOfAssetsNotFound)).assets();
  const counts = productCountByAsset(call);
  return json(200, {
    data: assets.map((asset) => assetShape(call.tenant, asset, counts.get(asset.id) ?? 0)),
  });
};

const listCategories: ApiHandler = (call) => {
  const categories = readProduct(call.tenant.store, product(call, 'id')).categories();
  return json(200, { data: categories.map((category) => productCategory(call.tenant, category)) });
};

const readCategory: ApiHandler = (call) => {
  const row = product(call, 'id');
  const id = param(call, 'cid');
  const category = readProduct(call.tenant.store, row)
    .categories()
    .find((linked) => linked.id === id);
  if (!category) throw categoryNotRelated(id, row.id);
  return json(200, { data: [productCategory(call.tenant, category)] });
};

const addCategory: ApiHandler = (call) => {
  const category = linkCategory(call.tenant, product(call, 'id'), call.body, call.actor);
  return json(201, { data: [productCategory(call.tenant, category)] });
};

const removeCategory: ApiHandler = (call) => {
  unlinkCategory(call.tenant, product(call, 'id'), param(call, 'cid'), call.actor);
  return empty(204);
};

function listVariants(call: ApiCall, version: Version): Answer {
  const parent = product(call, 'id', variantParentNotFound);
  const variants = call.tenant.store.products.variantsOf(parent.id);
  return json(200, {
    data: variants.map((row) => wholeProduct(version, readProduct(call.tenant.store, row), call.tenant)),
  });
}

function product(call: ApiCall, name: string, notFound: NotFound = productNotFound): Product {
  const id = param(call, name);
  const row = call.tenant.store.products.get(id);
  if (!row) throw notFound(id);
  return row;
}

function pair(call: ApiCall): [parent: Product, variant: Product] {
  return [product(call, 'id', variantParentNotFound), product(call, 'vid', variantParentNotFound)];
}

/** v1 wraps a new variant: `{"variant":{…}}`. */
function wrappedVariant(body: Json): Json {
  const variant = isJsonObject(body) ? body['variant'] : undefined;
  if (variant === undefined) throw schemaError('variant', unrecorded.missingField);
  return variant;
}

function whole(call: ApiCall, version: Version, row: Product): Answer {
  const allAttributes = version === 'v1' && call.query.get('all_attributes') === 'true';
  const reading = readProduct(call.tenant.store, row);
  return json(200, { data: [wholeProduct(version, reading, call.tenant, allAttributes)] });
}

/** v1 answers a write with the whole product, v2 with ids and times only. */
function written(call: ApiCall, version: Version, status: number, row: Product): Answer {
  const reading = readProduct(call.tenant.store, row);
  const shape = version === 'v1' ? wholeProduct('v1', reading, call.tenant) : auditStub(reading, call.tenant);
  return json(status, { data: [shape] });
}

function created(call: ApiCall, version: Version, row: Product): Answer {
  const answer = written(call, version, 201, row);
  if (version === 'v1') answer.headers['location'] = `/api/v1/products/${row.id}`;
  return answer;
}
