import { json } from '../http/answer';
import type { Answer } from '../http/answer';
import type { SandboxRequest } from '../http/server';
import type { Admin } from './admin';
import type { Gate } from './gate';
import type { Page } from './page';
import { assetBytes } from './resources/asset-shape';
import type { Tenant } from './tenant';

export interface Responders {
  tenant: Tenant;
  gate: Gate;
  admin: Admin;
  page: Page;
}

const FILES = /^\/api\/v1\.1\/(file|thumb)\/public_files\/pim\/assets\/([0-9a-f]{24})\/[^/]+$/;

/** The whole sandbox on one port: files, API and tokens as the vendor has them, then admin routes and the page. */
export function plytixResponder({
  tenant,
  gate,
  admin,
  page,
}: Responders): (request: SandboxRequest) => Answer {
  return (request) => {
    const file = FILES.exec(request.path);
    if (file) return serveFile(tenant, file[2]!, file[1] === 'file' ? 'file' : 'thumb');
    if (/^\/+(api|auth)\//.test(request.path)) return gate.respond(request);
    if (isForeignForm(request)) {
      return json(403, { error: 'writing from a page of another site is not allowed' });
    }
    return request.path.startsWith('/admin/') ? admin.respond(request) : page.respond(request);
  };
}

function serveFile(tenant: Tenant, id: string, kind: 'file' | 'thumb'): Answer {
  const asset = tenant.store.assets.get(id);
  if (!asset) return json(404, { error: { msg: 'Not found' } });
  return {
    status: 200,
    headers: { 'content-type': 'image/png', 'cache-control': 'max-age=3600' },
    body: assetBytes(asset, kind),
  };
}

/** Admin routes and page need no token, so a browser must not be made to write to them by another site. */
function isForeignForm(request: SandboxRequest): boolean {
  const { origin, host } = request.headers;
  if (request.method === 'GET' || request.method === 'HEAD' || origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
