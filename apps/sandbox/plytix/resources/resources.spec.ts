import { SpecSandbox, problem, rows } from '../testkit/client';

describe('the resources around products', () => {
  let sut: SpecSandbox;
  beforeEach(async () => {
    sut = await SpecSandbox.start({ products: 2, choices: { asyncDelayMs: 0 } });
  });
  afterEach(() => sut.close());

  it('make the label of an attribute from its name, and take a name once', async () => {
    const body = { name: 'Head-Material v1.2', type_class: 'DropdownAttribute', options: ['Oak'] };
    const created = await sut.call('POST', '/api/v1/attributes/product', body);
    const again = await sut.call('POST', '/api/v1/attributes/product', body);

    expect(created.status).toBe(201);
    expect(rows(created)[0]).toMatchObject({
      label: 'head_material_v1_2',
      options: ['Oak'],
      manual_sorting: true,
    });
    expect(again.status).toBe(422);
    expect(problem(again)).toEqual({
      msg: 'a product attribute with same name already exists',
      errors: undefined,
    });
  });

  it('print id and filter type of attributes unless more is asked', async () => {
    const bare = await sut.call('POST', '/api/v1/attributes/product/search', {});
    const asked = await sut.call('POST', '/api/v1/attributes/product/search', {
      attributes: ['label', 'type_class', 'options', 'groups'],
      filters: [[{ field: 'label', operator: 'eq', value: 'brand' }]],
    });

    expect(Object.keys(rows(bare)[0] ?? {})).toEqual(['id', 'filter_type']);
    expect(rows(asked)).toMatchObject([
      { label: 'brand', type_class: 'DropdownAttribute', groups: [{ name: 'Style' }] },
    ]);
    expect(asked.body['pagination']).toMatchObject({ count: 1, total_count: 18 });
  });

  it('take a deleted attribute out of products, without a new time', async () => {
    const id = await sut.create({ sku: 'X', attributes: { care: 'cold' } });
    const before = await sut.product(id);
    const found = await sut.call('POST', '/api/v1/attributes/product/search', {
      filters: [[{ field: 'label', operator: 'eq', value: 'care' }]],
    });

    expect(
      (await sut.call('DELETE', `/api/v1/attributes/product/${String(rows(found)[0]?.['id'])}`)).status,
    ).toBe(202);
    expect(await sut.product(id)).toMatchObject({ attributes: {}, modified: before['modified'] });
  });

  it('keep groups of attributes in order', async () => {
    const groups = await sut.call('POST', '/api/v1/attribute-groups/product/search', {
      pagination: { order: 'order' },
    });

    expect(rows(groups).map(({ name }) => name)).toEqual(['Texts', 'Style', 'Material', 'Variant', 'Media']);
    expect(rows(groups)[0]).toMatchObject({
      order: 0,
      attribute_labels: ['name_de', 'description', 'description_de', 'product_page'],
    });
  });

  it('count a family’s products and list its attributes with their levels', async () => {
    const families = await sut.call('POST', '/api/v1/product_families/search', {});
    const total = rows(families).reduce((sum, { total_products }) => sum + Number(total_products), 0);
    const levels = await sut.call(
      'GET',
      `/api/v1/product_families/${await sut.familyId('Apparel')}/attributes`,
    );

    expect(total).toBe(22);
    expect(rows(levels)).toContainEqual(
      expect.objectContaining({ label: 'brand', attribute_level: 'parent_level' }),
    );
    expect(rows(levels)).toContainEqual(
      expect.objectContaining({ label: 'size', attribute_level: 'no_level' }),
    );
  });

  it('let variants inherit an attribute that is linked at parent level, a little later', async () => {
    await sut.request('POST', '/admin/choices', { asyncDelayMs: 600_000 });
    const created = await sut.call('POST', '/api/v1/attributes/product', {
      name: 'Origin',
      type_class: 'TextAttribute',
    });
    const family = await sut.familyId('Apparel');
    const parent = await sut.create({ sku: 'P', attributes: { origin: 'PT' } });
    await sut.call('POST', `/api/v2/products/${parent}/family`, { product_family_id: family });
    const variant = await sut.createVariant(parent, { sku: 'P-M' });
    const link = (): ReturnType<SpecSandbox['call']> =>
      sut.call('POST', `/api/v1/product_families/${family}/attributes/link`, {
        attributes: [rows(created)[0]?.['id'] ?? null],
        attributes_level: 'parent_level',
      });

    expect((await link()).status).toBe(202);
    expect(await sut.product(variant)).toMatchObject({ attributes: {} });
    await sut.request('POST', '/admin/choices', { asyncDelayMs: 0 });
    await link();
    expect(await sut.product(variant)).toMatchObject({ attributes: { origin: 'PT' } });
    await sut.request('POST', '/admin/choices', { automaticInheritance: false });
    expect((await link()).status).toBe(403);
  });

  it('grow, move, sort and cut the tree of categories', async () => {
    const base = '/api/v1/categories/product';
    const id = async (path: string, name: string): Promise<string> =>
      String(rows(await sut.call('POST', path, { name }))[0]?.['id']);
    const root = await id(base, 'Home');
    const child = await id(`${base}/${root}`, 'Lamps');
    const other = await id(`${base}/${root}`, 'Rugs');

    const twice = await sut.call('POST', `${base}/${root}`, { name: 'Lamps' });
    expect(problem(twice).msg).toBe('Category Lamps already exists');
    const partial = await sut.call('PATCH', `${base}/${root}`, { sort_children: [other] });
    expect(partial.status).toBe(422);
    expect((await sut.call('PATCH', `${base}/${root}`, { sort_children: [other, child] })).status).toBe(200);
    const cycle = await sut.call('PATCH', `${base}/${root}`, { parent_id: child });
    expect(cycle.status).toBe(422);
    const moved = await sut.call('PATCH', `${base}/${child}`, { parent_id: '' });
    expect(rows(moved)[0]).toMatchObject({ path: ['Lamps'], parents_ids: [] });
    expect((await sut.call('DELETE', `${base}/${root}`)).status).toBe(204);
    const left = await sut.call('POST', `${base}/search`, {
      filters: [[{ field: 'id', operator: 'in', value: [root, child, other] }]],
    });
    expect(rows(left).map((row) => row['id'])).toEqual([child]);
  });

  it('find root categories, newest first even when ordered by id', async () => {
    const reply = await sut.call('POST', '/api/v1/categories/product/search', {
      filters: [[{ field: 'parent_id', operator: '!exists' }]],
      pagination: { order: 'id' },
    });

    expect(rows(reply).map(({ name }) => name)).toEqual(['Accessories', 'Shoes', 'Clothing']);
  });

  it('tell what can be filtered, under the names that the service has', async () => {
    const reply = await sut.call('GET', '/api/v1/filters/product');

    expect(rows(reply)[0]).toMatchObject({
      properties: [{ key: '_is_variation' }, { key: '_has_variations' }],
    });
    expect(JSON.stringify(rows(reply))).toContain(
      '{"key":"status","filter_type":"DropdownAttribute","operators":["eq","in","!in"]',
    );
    expect((await sut.call('GET', '/api/v1/filters/products')).status).toBe(404);
    expect((await sut.call('GET', '/api/v1/filters/asset')).status).toBe(200);
  });

  it('serve the files behind the addresses of assets', async () => {
    const [asset] = rows(await sut.call('POST', '/api/v1/assets/search', { pagination: { page_size: 1 } }));
    const response = await fetch(String(asset?.['url']));
    const bytes = Buffer.from(await response.arrayBuffer());

    expect(response.headers.get('content-type')).toBe('image/png');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes).toHaveLength(Number(asset?.['file_size']));
    expect(rows(await sut.call('GET', `/api/v1/assets/${String(asset?.['id'])}`))).toEqual([asset]);
    const missing = await sut.call('GET', '/api/v1/assets/nope');
    expect(problem(missing).errors).toEqual([{ field: 'asset_id', msg: 'asset does not exist' }]);
  });
});
