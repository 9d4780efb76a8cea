import type { ApiCall, ApiRoute } from '../api';
import { param } from '../api';
import { assetNotFound } from '../errors';
import type { Asset } from '../model';
import { readProduct } from '../product-reading';
import { assetShape } from './asset-shape';
import { one, searchSmall } from './paging';

const COLUMNS = [
  'id',
  'filename',
  'extension',
  'content_type',
  'file_size',
  'file_type',
  'url',
  'thumbnail',
  'status',
  'public',
  'assigned',
  'has_custom_thumb',
  'n_products',
  'n_catalogs',
  'categories',
  'created',
  'modified',
  'file_modified',
  'created_user_audit',
  'modified_user_audit',
];

/** Assets, read only: search and get. */
export function assetRoutes(): ApiRoute[] {
  return [
    { method: 'POST', path: '/api/v1/assets/search', handle: searchAssets },
    {
      method: 'GET',
      path: '/api/v1/assets/{id}',
      handle: (call) => {
        const id = param(call, 'id');
        const asset = call.tenant.store.assets.get(id);
        if (!asset) throw assetNotFound(id);
        return one(200, assetShape(call.tenant, asset, productCountByAsset(call).get(id) ?? 0));
      },
    },
  ];
}

function searchAssets(call: ApiCall): ReturnType<ApiRoute['handle']> {
  const counts = productCountByAsset(call);
  return searchSmall<Asset>(call, {
    name: 'assets',
    rows: [...call.tenant.store.assets.values()],
    id: (asset) => asset.id,
    fields: {
      id: { type: 'IdFilter', read: (asset) => asset.id },
      filename: { type: 'TextAttribute', read: (asset) => asset.filename },
      extension: { type: 'TextAttribute', read: (asset) => asset.filename.split('.').pop() ?? '' },
      file_type: { type: 'DropdownAttribute', read: () => 'IMAGES' },
      status: { type: 'DropdownAttribute', read: () => 'ACTIVE' },
      file_size: { type: 'IntAttribute', read: (asset) => asset.file_size },
      assigned: { type: 'BooleanAttribute', read: (asset) => counts.has(asset.id) },
      categories: { type: 'MultiSelectAttribute', read: () => [] },
      created: { type: 'DateAttribute', read: (asset) => asset.created },
      modified: { type: 'DateAttribute', read: (asset) => asset.modified },
    },
    columns: COLUMNS,
    print: (asset) => assetShape(call.tenant, asset, counts.get(asset.id) ?? 0),
    always: ['id'],
    byDefault: COLUMNS,
    orderLimit: 10_000,
  });
}

/** How many products show each asset. Counted once for each state of the account. */
export function productCountByAsset(call: ApiCall): ReadonlyMap<string, number> {
  const { store } = call.tenant;
  const [counts] = call.matches.get('asset counts', String(store.revision), () => {
    const counted = new Map<string, number>();
    for (const row of store.products.all()) {
      for (const { id } of readProduct(store, row).assets()) counted.set(id, (counted.get(id) ?? 0) + 1);
    }
    return [counted];
  });
  return counts!;
}
