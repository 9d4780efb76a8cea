import type { JsonObject } from '../../http/answer';
import { swatch } from '../../kit/png';
import type { Asset } from '../model';
import { audit } from '../tenant';
import type { Tenant } from '../tenant';
import { v1Time } from '../times';

/** Where an asset's bytes, or its small picture, are served. Same path as the service's, on the sandbox's own host. */
export function assetUrl(tenant: Tenant, asset: Asset, kind: 'file' | 'thumb'): string {
  const name = encodeURIComponent(asset.filename);
  return `${tenant.filesUrl}/api/v1.1/${kind}/public_files/pim/assets/${asset.id}/${name}`;
}

/** The bytes behind `assetUrl`. */
export function assetBytes(asset: Pick<Asset, 'rgb'>, kind: 'file' | 'thumb'): Buffer {
  return swatch(kind === 'file' ? 240 : 80, asset.rgb);
}

/** An asset as v1 prints it. */
export function assetShape(tenant: Tenant, asset: Asset, productCount: number): JsonObject {
  const extension = asset.filename.split('.').pop() ?? '';
  return {
    id: asset.id,
    filename: asset.filename,
    extension,
    content_type: `image/${extension}`,
    file_size: asset.file_size,
    file_type: 'IMAGES',
    url: assetUrl(tenant, asset, 'file'),
    thumbnail: assetUrl(tenant, asset, 'thumb'),
    status: 'ACTIVE',
    public: true,
    assigned: productCount > 0,
    has_custom_thumb: false,
    n_products: productCount,
    n_catalogs: 0,
    categories: [],
    created: v1Time(asset.created),
    modified: v1Time(asset.modified),
    file_modified: v1Time(asset.created),
    created_user_audit: audit(asset.created_by),
    modified_user_audit: audit(asset.modified_by),
  };
}
