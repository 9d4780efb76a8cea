import { asFault } from '#connector-sdk';
import type { Json, Observation, Page } from '#connector-sdk';
import { startVendorStub, testContext } from '#connector-sdk/testkit';
import type { StubAnswer, StubRequest, TestContext, VendorStub } from '#connector-sdk/testkit';
import { plytixConnector } from './plytix.connector';
import { plytixConfig } from './plytix.config';
import type { PlytixOffset } from './plytix.offset';
import { PlytixSource, PRODUCTS } from './plytix.source';

interface Row {
  id: string;
  sku: string | null;
  modified: string;
  created?: string;
  product_level: number;
  parent_id?: string;
  num_variations?: number;
  label?: string | null;
  categories?: { id: string }[];
  attributes?: Record<string, unknown>;
  [other: string]: unknown;
}

interface SearchBody {
  filters: { field: string; operator: string; value: unknown }[][];
  attributes: string[];
  pagination: { page: number; page_size: number; order: string | null };
}

const OPERATORS: Record<string, (a: unknown, b: unknown) => boolean> = {
  eq: (a, b) => a === b,
  in: (a, b) => (b as unknown[]).includes(a),
  gte: (a, b) => String(a) >= String(b),
  lt: (a, b) => String(a) < String(b),
};

/** A tenant of Plytix, as small as these specs allow: search with filters, order, pages and columns; read by id. */
class Tenant {
  rows: Row[] = [];
  definitions: { label: string; type_class: string }[] = [];
  categories: { id: string; name: string; parents_ids: string[] }[] = [];
  mostToOrder = 10_000;
  token = 'h.e30.s';
  /** Called before each product search is answered; may change the tenant, or answer itself. */
  beforeSearch: (body: SearchBody, nth: number) => StubAnswer | void = () => undefined;
  private searches = 0;

  answer({ method, path, body, headers }: StubRequest): StubAnswer | null {
    if (path === '/auth/api/get-token') return { json: { data: [{ access_token: this.token }] } };
    if (headers['authorization'] !== `Bearer ${this.token}`)
      return { status: 401, json: { error: { msg: 'no' } } };
    if (path === '/api/v1/attributes/product/search') return this.list(this.definitions);
    if (path === '/api/v1/categories/product/search') return this.list(this.categories);
    if (path === '/api/v2/products/search') return this.search(body as SearchBody);
    const variants = /^\/api\/v1\/products\/(\w+)\/variants$/.exec(path);
    if (variants) return this.list(this.rows.filter((row) => row.parent_id === variants[1]));
    const one = /^\/api\/v2\/products\/(\w+)$/.exec(path);
    if (method !== 'GET' || !one) return null;
    const row = this.rows.find(({ id }) => id === one[1]);
    return row
      ? { json: { data: [row] } }
      : { status: 404, json: { error: { msg: `No results found for ${one[1]}` } } };
  }

  private list(data: object[]): StubAnswer {
    return { json: { data, pagination: { count: data.length } } };
  }

  private search(body: SearchBody): StubAnswer {
    this.searches += 1;
    const instead = this.beforeSearch(body, this.searches);
    if (instead) return instead;
    const { page, page_size, order } = body.pagination;
    const holds = (row: Row): boolean =>
      body.filters.length === 0 ||
      body.filters.some((all) => all.every((one) => OPERATORS[one.operator]!(row[one.field], one.value)));
    const found = this.rows.filter(holds);
    if (order && found.length > this.mostToOrder)
      return { status: 428, json: { error: { msg: 'too many' } } };
    const [, minus, field = ''] = /^(-?)(.*)$/.exec(order ?? '') ?? [];
    const by = (a: Row, b: Row): number => (String(a[field]) < String(b[field]) ? -1 : 1) * (minus ? -1 : 1);
    const sorted = order ? found.toSorted(by) : found;
    const data = sorted
      .slice((page - 1) * page_size, page * page_size)
      .map((row) => columnsOf(row, body.attributes));
    return { json: { data, pagination: { count: found.length, total_count: this.rows.length } } };
  }
}

function columnsOf(row: Row, columns: string[]): object {
  const always = ['id', 'sku', 'parent_id', 'num_variations'];
  const plain = Object.entries(row).filter(([name]) => always.includes(name) || columns.includes(name));
  const attributes = Object.entries(row.attributes ?? {}).filter(([label]) =>
    columns.includes(`attributes.${label}`),
  );
  return { ...Object.fromEntries(plain), attributes: Object.fromEntries(attributes) };
}

async function collect(pages: AsyncIterable<Page<PlytixOffset>>) {
  const all: Page<PlytixOffset>[] = [];
  for await (const page of pages) all.push(page);
  return { pages: all, seen: all.flatMap(({ observations }) => observations), offset: all.at(-1)?.offset };
}

const brief = (observation: Observation): string =>
  `${observation.kind} ${observation.entity} ${observation.vendorId}`;
const at = (second: number, ms = 0): string =>
  new Date(Date.parse('2026-11-02T10:00:00Z') + second * 1000 + ms).toISOString().replace('Z', '');

const product = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  sku: `SKU-${id}`,
  modified: at(0),
  created: at(-1000),
  product_level: 0,
  num_variations: 0,
  ...more,
});
const variant = (id: string, parent_id: string, more: Partial<Row> = {}): Row =>
  product(id, { product_level: 2, parent_id, ...more });

const snapshot = async (sut: PlytixSource) => collect(sut.snapshot(PRODUCTS, await sut.position()));
const poll = (sut: PlytixSource, from: PlytixOffset) => collect(sut.stream(PRODUCTS, from));

describe('PlytixSource', () => {
  let tenant: Tenant;
  let stub: VendorStub;
  let context: TestContext;
  const open: PlytixSource[] = [];

  beforeEach(async () => {
    tenant = new Tenant();
    context = testContext();
    stub = await startVendorStub((request) => tenant.answer(request));
  });
  afterEach(async () => {
    for (const source of open.splice(0)) await source.close();
    await stub.close();
  });

  const setUp = (env: Record<string, string> = {}): PlytixSource => {
    const unlimited = { PLYTIX_REQUESTS_PER_10_S: '0', PLYTIX_REQUESTS_PER_HOUR: '0' };
    const where = {
      PLYTIX_URL: stub.url,
      PLYTIX_AUTH_URL: stub.url,
      PLYTIX_API_KEY: 'key',
      PLYTIX_API_PASSWORD: 'pass',
    };
    const sut = new PlytixSource(plytixConfig.parse({ ...unlimited, ...where, ...env }, 'PLYTIX_'), context);
    open.push(sut);
    return sut;
  };

  const searches = (): SearchBody[] =>
    stub.requests
      .filter(({ path }) => path === '/api/v2/products/search')
      .map(({ body }) => body as SearchBody);

  /** A position at which everything that there is has been seen. */
  const caughtUp = async (sut: PlytixSource): Promise<PlytixOffset> => {
    const position = await sut.position();
    context.advance(10_000);
    const { offset = position } = await poll(sut, position);
    expect((await poll(sut, offset)).pages).toEqual([]);
    return offset;
  };

  describe('snapshot', () => {
    it('reads products before variants and types what the definitions type', async () => {
      tenant.definitions = [
        { label: 'care', type_class: 'HtmlAttribute' },
        { label: 'weight', type_class: 'DecimalAttribute' },
        { label: 'launch', type_class: 'DateAttribute' },
        { label: 'gallery', type_class: 'MediaGalleryAttribute' },
        { label: 'complete', type_class: 'CompletenessAttribute' },
      ];
      tenant.categories = [
        { id: 'c1', name: 'Women', parents_ids: [] },
        { id: 'c2', name: 'Shirts', parents_ids: ['c1'] },
      ];
      const attributes = {
        care: '30°',
        weight: '0.10',
        launch: '2027-01-31T00:00:00',
        gallery: ['a1', { id: 'a2' }],
        complete: 40,
      };
      const parent = product('p1', {
        product_level: 1,
        num_variations: 1,
        label: 'Shirt',
        categories: [{ id: 'c2' }],
        attributes,
      });
      tenant.rows = [variant('v1', 'p1'), parent, product('p2', { label: null })];
      const { seen, pages } = await snapshot(setUp());
      expect(seen.map(brief)).toEqual(['present product p1', 'present product p2', 'present variant v1']);
      expect(seen[0]).toMatchObject({
        direct: false,
        vendorTime: at(0),
        changedAtMs: Date.parse(`${at(0)}Z`),
      });
      expect(seen[0]).toHaveProperty('state', {
        sku: 'SKU-p1',
        label: 'Shirt',
        created: `${at(-1000)}Z`,
        product_level: 1,
        categories: ['Women/Shirts'],
        'attributes.care': { kind: 'string', string: '30°' },
        'attributes.weight': { kind: 'decimal', decimal: '0.10' },
        'attributes.launch': { kind: 'date', date: '2027-01-31' },
        'attributes.gallery': {
          kind: 'media',
          media: [
            { asset_id: 'plytix:a1', role: 'gallery', position: 0, url: null },
            { asset_id: 'plytix:a2', role: 'gallery', position: 1, url: null },
          ],
        },
      });
      expect(seen[2]).toHaveProperty('state.parent_id', 'p1');
      expect(pages.at(-1)).toMatchObject({ complete: true, progress: { read: 3 } });
      expect(searches().flatMap((body) => body.attributes)).not.toContain('attributes.complete');
    });

    it('reads an empty account to its end', async () => {
      const { pages } = await snapshot(setUp());
      expect(pages).toMatchObject([{ observations: [], complete: true, offset: { phase: 'stream' } }]);
    });

    it('reads the same state by search as by id', async () => {
      tenant.definitions = [{ label: 'care', type_class: 'TextAttribute' }];
      tenant.rows = [
        product('p1', {
          attributes: { care: 'x', empty: null },
          gtin: null,
          categories: [],
          thumbnail: null,
        }),
      ];
      const sut = setUp();
      const [listed] = (await snapshot(sut)).seen;
      const direct = await sut.read(PRODUCTS, 'product', 'p1');
      expect(direct).toEqual({ ...listed, direct: true });
    });

    it('reads more attributes than one search has columns for, and again by id what changed meanwhile', async () => {
      const labels = Array.from({ length: 120 }, (_, n) => `a${n}`);
      tenant.definitions = labels.map((label) => ({ label, type_class: 'TextAttribute' }));
      const attributes = Object.fromEntries(labels.map((label) => [label, 'old']));
      tenant.rows = [product('p1', { attributes }), product('p2', { attributes })];
      tenant.beforeSearch = (body) => {
        if (!body.attributes.includes('attributes.a119')) return;
        tenant.rows[0] = product('p1', {
          modified: at(5),
          attributes: { ...attributes, a0: 'new', a119: 'new' },
        });
      };
      const { seen } = await snapshot(setUp());
      expect(Math.max(...searches().map((body) => body.attributes.length))).toBeLessThanOrEqual(50);
      expect(seen).toMatchObject([
        { vendorId: 'p1', direct: true, vendorTime: at(5) },
        { vendorId: 'p2', direct: false },
      ]);
      expect(seen[0]).toHaveProperty(['state', 'attributes.a0', 'string'], 'new');
      for (const observation of seen) {
        expect(
          Object.keys((observation as { state: object }).state).filter((key) =>
            key.startsWith('attributes.'),
          ),
        ).toHaveLength(120);
      }
    });

    it('goes on after the last committed page, with an offset that went through JSON', async () => {
      tenant.rows = ['p1', 'p2', 'p3', 'p4', 'p5'].map((id) => product(id));
      const env = { PLYTIX_PAGE_SIZE: '2' };
      const { pages } = await snapshot(setUp(env));
      const sut = setUp(env);
      const saved = sut.decodeOffset(JSON.parse(JSON.stringify(pages[0]!.offset)) as Json);
      const { seen } = await collect(sut.snapshot(PRODUCTS, saved));
      expect(seen.map(({ vendorId }) => vendorId)).toEqual(['p3', 'p4', 'p5']);
    });

    it('misses nothing when a product is deleted between two pages', async () => {
      tenant.rows = ['p1', 'p2', 'p3', 'p4', 'p5'].map((id) => product(id));
      tenant.beforeSearch = (body) => {
        if (body.pagination.page === 2 && body.pagination.order === 'sku')
          tenant.rows = tenant.rows.filter(({ id }) => id !== 'p1');
      };
      const { seen } = await snapshot(setUp({ PLYTIX_PAGE_SIZE: '2' }));
      expect(new Set(seen.map(({ vendorId }) => vendorId))).toEqual(new Set(['p1', 'p2', 'p3', 'p4', 'p5']));
    });

    it('cuts what is too much to be ordered into windows of creation days, a single day unordered', async () => {
      tenant.mostToOrder = 3;
      const old = ['a', 'b', 'c'].map((id) => product(id, { created: '2019-05-01T08:00:00.000' }));
      const bulk = ['d', 'e', 'f', 'g'].map((id) => product(id, { created: '2024-02-03T08:00:00.000' }));
      tenant.rows = [...old, ...bulk, product('h', { created: '2010-01-01T00:00:00.000' })];
      const { seen } = await snapshot(setUp());
      expect(seen.map(({ vendorId }) => vendorId).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    });

    it('blocks only the record that cannot be decoded', async () => {
      tenant.definitions = [
        { label: 'odd', type_class: 'HologramAttribute' },
        { label: 'size', type_class: 'IntAttribute' },
      ];
      tenant.rows = [
        product('p1', { sku: ' ' }),
        product('p2', { attributes: { odd: 'text is fine' } }),
        product('p3', { attributes: { odd: { depth: 3 } } }),
        product('p4', { attributes: { size: 'XL' } }),
        product('p5', { label: 7 as unknown as string }),
      ];
      const { seen } = await snapshot(setUp());
      const byId = new Map(seen.map((one) => [one.vendorId, one]));
      expect(byId.get('p1')).toMatchObject({
        kind: 'undecodable',
        reason: 'decoding plytix product p1: it has no SKU',
      });
      expect(byId.get('p2')).toHaveProperty(['state', 'attributes.odd'], {
        kind: 'string',
        string: 'text is fine',
      });
      expect(byId.get('p3')).toMatchObject({
        reason: expect.stringContaining('HologramAttribute is not known'),
      });
      expect(byId.get('p4')).toMatchObject({ reason: expect.stringContaining('"XL" is not an integer') });
      expect(byId.get('p5')).toMatchObject({
        kind: 'undecodable',
        raw: expect.stringContaining('"label":7'),
      });
    });

    it('leaves out attributes by configuration', async () => {
      tenant.definitions = [{ label: 'odd', type_class: 'HologramAttribute' }];
      tenant.rows = [product('p1', { attributes: { odd: { depth: 3 } } })];
      const sut = setUp({ PLYTIX_IGNORED_ATTRIBUTES: 'odd, other' });
      expect((await snapshot(sut)).seen.map(brief)).toEqual(['present product p1']);
      expect(await sut.read(PRODUCTS, 'product', 'p1')).toMatchObject({ kind: 'present' });
    });
  });

  describe('stream', () => {
    it('gives no page when nothing is new, at the cost of one call', async () => {
      tenant.rows = [product('p1'), product('p2')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      const before = stub.requests.length;
      expect((await poll(sut, offset)).pages).toEqual([]);
      expect(stub.requests.length - before).toBe(1);
    });

    it('finds a change, also one that shares its time stamp with what was seen', async () => {
      tenant.rows = [product('p1'), product('p2')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.rows.push(product('p3'));
      const first = await poll(sut, offset);
      expect(first.seen.map(brief)).toEqual(['present product p3']);
      tenant.rows[0] = product('p1', { modified: at(0, 1), label: 'new' });
      const second = await poll(sut, first.offset!);
      expect(second.seen).toMatchObject([{ vendorId: 'p1', state: { label: 'new' } }]);
      expect((await poll(sut, second.offset!)).pages).toEqual([]);
    });

    it('finds a change that turns up late in the search, within the overlap', async () => {
      tenant.rows = [product('p1')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.rows.push(product('p2', { modified: at(100) }));
      const first = await poll(sut, offset);
      tenant.rows.push(product('p3', { modified: at(60) }));
      expect((await poll(sut, first.offset!)).seen.map(brief)).toEqual(['present product p3']);
    });

    it('finds a late one below many that share a time stamp, at the latest after half the overlap', async () => {
      tenant.rows = Array.from({ length: 30 }, (_, n) => product(`p${n}`, { modified: at(100) }));
      const sut = setUp({ PLYTIX_PAGE_SIZE: '5' });
      const offset = await caughtUp(sut);
      tenant.rows.push(product('late', { modified: at(50) }));
      expect((await poll(sut, offset)).seen).toEqual([]);
      context.advance(60_000);
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['present product late']);
    });

    it('reads one page for a poll once the newest change is old', async () => {
      tenant.rows = Array.from({ length: 30 }, (_, n) => product(`p${n}`, { modified: at(100) }));
      const sut = setUp({ PLYTIX_PAGE_SIZE: '5' });
      const offset = await caughtUp(sut);
      context.advance(130_000);
      await poll(sut, offset);
      context.advance(130_000);
      const before = stub.requests.length;
      await poll(sut, offset);
      expect(stub.requests.length - before).toBe(1);
    });

    it('reads the variants of a changed parent, and once more later, since they may not be bumped', async () => {
      const parent = { product_level: 1, num_variations: 2 };
      tenant.rows = [
        product('p1', parent),
        variant('v1', 'p1', { modified: at(-500) }),
        variant('v2', 'p1', { modified: at(-500) }),
      ];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.rows[0] = product('p1', { ...parent, modified: at(10) });
      const first = await poll(sut, offset);
      expect(first.seen.map(brief)).toEqual([
        'present product p1',
        'present variant v1',
        'present variant v2',
      ]);
      expect(first.pages[0]!.offset).toEqual(offset);
      expect((await poll(sut, first.offset!)).pages).toEqual([]);
      context.advance(5_000);
      const second = await poll(sut, first.offset!);
      expect(second.seen.map(brief)).toEqual(['present variant v1', 'present variant v2']);
      expect((await poll(sut, second.offset!)).pages).toEqual([]);
    });

    it('asks for no variants of a parent that all changed themselves', async () => {
      const sut = setUp();
      const offset = await sut.position();
      tenant.rows = [product('p1', { product_level: 1, num_variations: 1 }), variant('v1', 'p1')];
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['present product p1', 'present variant v1']);
      expect(stub.requests.filter(({ path }) => path.endsWith('/variants'))).toEqual([]);
    });

    it('reads the variants of a parent again that was changed just before the snapshot', async () => {
      tenant.rows = [
        product('p1', { product_level: 1, num_variations: 1 }),
        variant('v1', 'p1', { modified: at(-500) }),
      ];
      const sut = setUp();
      const offset = await sut.position();
      expect((await poll(sut, offset)).pages).toEqual([]);
      context.advance(5_000);
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['present variant v1']);
    });

    it('reports a product as gone that was deleted while it was read', async () => {
      tenant.rows = [product('p1')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.rows.push(product('p2', { modified: at(10) }));
      tenant.beforeSearch = (body) => {
        if (body.attributes.includes('label')) tenant.rows = tenant.rows.filter(({ id }) => id !== 'p2');
      };
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['gone product p2']);
    });

    it('starts from an empty account', async () => {
      const sut = setUp();
      const offset = await sut.position();
      expect((await poll(sut, offset)).pages).toEqual([]);
      tenant.rows = [variant('v1', 'p1'), product('p1', { product_level: 1, num_variations: 1 })];
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['present product p1', 'present variant v1']);
    });

    it('follows changes also where too many products changed at once to be ordered', async () => {
      tenant.rows = [product('p1')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.mostToOrder = 2;
      for (const id of ['p2', 'p3', 'p4', 'p5']) tenant.rows.push(product(id, { modified: at(20) }));
      const { seen } = await poll(sut, offset);
      expect(seen.map(({ vendorId }) => vendorId).sort()).toEqual(['p2', 'p3', 'p4', 'p5']);
    });

    it('loses nothing to a page that is HTML', async () => {
      tenant.rows = [product('p1')];
      const sut = setUp();
      const offset = await caughtUp(sut);
      tenant.rows.push(product('p2', { modified: at(10) }));
      const html: StubAnswer = { headers: { 'content-type': 'text/html' }, text: '<html></html>' };
      let answers = 1;
      tenant.beforeSearch = () => ((answers -= 1) >= 0 ? html : undefined);
      expect((await poll(sut, offset)).seen.map(brief)).toEqual(['present product p2']);
    });

    it('asks for whole days, a day more than it needs', async () => {
      tenant.rows = [product('p1')];
      const sut = setUp();
      await caughtUp(sut);
      expect(searches().at(-1)!.filters).toEqual([
        [{ field: 'modified', operator: 'gte', value: '2026-11-01' }],
      ]);
    });
  });

  describe('listIds', () => {
    it('lists all ids by entity', async () => {
      tenant.rows = [
        product('p1'),
        variant('v1', 'p1'),
        product('p2'),
        variant('v2', 'p2', { product_level: 3 }),
      ];
      const ids = await setUp({ PLYTIX_PAGE_SIZE: '3' }).listIds();
      expect(Object.fromEntries(ids)).toEqual({
        product: new Set(['p1', 'p2']),
        variant: new Set(['v1', 'v2']),
      });
    });

    it('reads again what a deletion may have moved over the edge of a page', async () => {
      tenant.rows = ['p1', 'p2', 'p3', 'p4'].map((id) => product(id));
      tenant.beforeSearch = (body) => {
        if (body.pagination.page === 2) tenant.rows = tenant.rows.filter(({ id }) => id !== 'p1');
      };
      const ids = await setUp({ PLYTIX_PAGE_SIZE: '2' }).listIds();
      expect(ids.get('product')).toEqual(new Set(['p1', 'p2', 'p3', 'p4']));
    });

    it('throws when rows are missing from the pass', async () => {
      tenant.beforeSearch = () => ({
        json: { data: [columnsOf(product('p1'), [])], pagination: { count: 2 } },
      });
      const fault = await setUp()
        .listIds()
        .then(() => null, asFault);
      expect(fault).toMatchObject({ kind: 'transient', code: 'incomplete_pass' });
    });
  });

  describe('read', () => {
    it('tells that a product is gone when Plytix answers 404', async () => {
      expect(brief(await setUp().read(PRODUCTS, 'variant', 'v9'))).toBe('gone variant v9');
    });

    it('tells that a product is gone as a product when it became a variant', async () => {
      tenant.rows = [variant('x1', 'p1')];
      expect(brief(await setUp().read(PRODUCTS, 'product', 'x1'))).toBe('gone product x1');
      expect(brief(await setUp().read(PRODUCTS, 'variant', 'x1'))).toBe('present variant x1');
    });

    it('knows an attribute that was defined a moment ago', async () => {
      tenant.rows = [product('p1', { attributes: { fresh: 3 } })];
      const sut = setUp();
      await sut.read(PRODUCTS, 'product', 'p2');
      tenant.definitions = [{ label: 'fresh', type_class: 'IntAttribute' }];
      expect(await sut.read(PRODUCTS, 'product', 'p1')).toHaveProperty(['state', 'attributes.fresh'], {
        kind: 'long',
        long: 3,
      });
    });
  });

  it('says which variables to check when the credentials are refused', async () => {
    await stub.close();
    stub = await startVendorStub(() => ({
      status: 401,
      json: { error: { msg: 'Bad api_key or api_password' } },
    }));
    const fault = await setUp()
      .position()
      .then(() => null, asFault);
    expect(fault).toMatchObject({ kind: 'config', code: 'unauthorised' });
    expect(fault?.message).toContain('Check PLYTIX_API_KEY and PLYTIX_API_PASSWORD');
  });

  it('takes the rate limits from the token, unless they are configured', async () => {
    const claims = { user_claims: { account: { rate_limit: [{ limit: 2, window: 10 }] } } };
    tenant.token = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
    const sut = setUp({ PLYTIX_REQUESTS_PER_10_S: '', PLYTIX_REQUESTS_PER_HOUR: '' });
    await sut.position();
    await sut.position();
    const third = sut.position();
    context.abort();
    await expect(third).rejects.toMatchObject({ name: 'AbortError' });
    expect(searches()).toHaveLength(2);
  });

  it('refuses an offset of an unknown format', () => {
    expect(() => setUp().decodeOffset({ v: 2, phase: 'stream' })).toThrow('has no known format');
  });

  it('is a source of products and variants', () => {
    expect(plytixConnector.entities.map(({ entity }) => entity)).toEqual(PRODUCTS.entities);
    expect(setUp().link('product', '5f1c')).toBe(`${stub.url}/products/5f1c`);
  });
});
