import type { Json, JsonObject } from '../../http/answer';
import { SpecSandbox, problem, rows } from '../testkit/client';
import type { Reply } from '../testkit/client';

const T0 = Date.parse('2026-03-01T10:00:00Z');

/** A v2 time, some seconds after `T0`. */
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString().replace('Z', '000');

describe('products', () => {
  let sut: SpecSandbox;
  let now = T0;

  beforeEach(async () => {
    now = T0;
    sut = await SpecSandbox.start({ products: 0, now: () => now });
  });
  afterEach(() => sut.close());

  const after = (seconds: number): void => {
    now = T0 + seconds * 1000;
  };
  const patch = (id: string, body: Json, version = 'v2'): Promise<Reply> =>
    sut.call('PATCH', `/api/${version}/products/${id}`, body);
  const modified = async (id: string): Promise<Json | undefined> => (await sut.product(id))['modified'];

  /** A parent with a family that hands the brand down, and one variant. */
  async function tree(): Promise<{ family: string; parent: string; variant: string }> {
    const family = await sut.familyId('Apparel');
    const parent = await sut.create({ sku: 'P-1', label: 'Shirt', attributes: { brand: 'Nord' } });
    await sut.call('POST', `/api/v2/products/${parent}/family`, { product_family_id: family });
    const variant = await sut.createVariant(parent, { sku: 'P-1-M', attributes: { size: 'M' } });
    return { family, parent, variant };
  }

  describe('creating', () => {
    it('answers v1 with the product and its place, v2 with ids and times', async () => {
      const v1 = await sut.call('POST', '/api/v1/products', { sku: 'ONE' });
      const v2 = await sut.call('POST', '/api/v2/products', { sku: 'TWO' });

      const [product] = rows(v1);
      expect(v1.status).toBe(201);
      expect(v1.headers.get('location')).toBe(`/api/v1/products/${String(product?.['id'])}`);
      expect(product).toMatchObject({
        sku: 'ONE',
        label: null,
        status: 'Draft',
        num_variations: 0,
        thumbnail: null,
      });
      expect(v2.status).toBe(201);
      expect(Object.keys(rows(v2)[0] ?? {}).sort()).toEqual([
        'created',
        'created_user_audit',
        'id',
        'modified',
        'modified_user_audit',
      ]);
    });

    it('refuses a SKU that exists, but takes it in another case or with a blank', async () => {
      await sut.create({ sku: 'ABC-1' });
      const again = await sut.call('POST', '/api/v2/products', { sku: 'ABC-1' });

      expect(again.status).toBe(409);
      expect(problem(again)).toEqual({
        msg: 'product data validation failed',
        errors: [{ field: 'sku', msg: 'A product with the same SKU already exists' }],
      });
      expect(await sut.create({ sku: 'abc-1' })).toMatch(/^[0-9a-f]{24}$/);
      expect(await sut.create({ sku: 'ABC-1 ' })).toMatch(/^[0-9a-f]{24}$/);
    });

    it('wants a SKU, and ignores what it does not know', async () => {
      expect((await sut.call('POST', '/api/v2/products', { label: 'x' })).status).toBe(422);
      const id = await sut.create({ sku: 'X', product_family: 'abc', id: 'mine', modified: '1999-01-01' });

      expect(await sut.product(id)).toMatchObject({ sku: 'X', product_family_id: null, modified: at(0) });
    });
  });

  it.each<[string, JsonObject, string, string]>([
    [
      'status',
      { status: 'Live' },
      'status',
      'Value is not valid, valid values are [Draft, Completed, Archived]',
    ],
    ['label of an attribute', { attributes: { nope: 1 } }, 'nope', 'label does not exist'],
    [
      'option',
      { attributes: { brand: 'Red' } },
      'brand',
      "[u'Red'] are not a valid values for Brand attribute.",
    ],
    [
      'date with a time',
      { attributes: { launch_date: '2026-01-01T00:00:00' } },
      'launch_date',
      'Not a valid date. Format must be: YYYY-MM-DD',
    ],
    [
      'day that does not exist',
      { attributes: { launch_date: '2026-02-30' } },
      'launch_date',
      'Not a valid date. Format must be: YYYY-MM-DD',
    ],
    [
      'decimal',
      { attributes: { weight: '1,5' } },
      'weight',
      'Not a valid decimal value. Format must be: 0.00',
    ],
    ['integer', { attributes: { stock: 1.5 } }, 'stock', 'Not a valid integer.'],
    ['boolean', { attributes: { sustainable: 'yes' } }, 'sustainable', 'Not a valid boolean.'],
    ['GTIN with a wrong check digit', { gtin: '4006381333932' }, 'gtin', 'Not a valid GTIN.'],
  ])('refuse a wrong %s and change nothing', async (_, body, field, msg) => {
    const id = await sut.create({ sku: 'X', label: 'before' });
    const reply = await patch(id, { label: 'after', ...body });

    expect(reply.status).toBe(422);
    expect(problem(reply)).toEqual({ msg: 'product data validation failed', errors: [{ field, msg }] });
    expect(await sut.product(id)).toMatchObject({ label: 'before' });
  });

  it('report all wrong fields at once', async () => {
    const reply = await sut.call('POST', '/api/v2/products', {
      sku: 'X',
      status: 'x',
      attributes: { nope: 1, stock: 'x' },
    });

    expect(problem(reply).errors).toMatchObject([{ field: 'status' }, { field: 'nope' }, { field: 'stock' }]);
  });

  it('name the missing id in the words of each verb', async () => {
    const id = 'aaaaaaaaaaaaaaaaaaaaaaaa';

    expect(problem(await sut.call('GET', `/api/v2/products/${id}`)).msg).toBe(` No results found for ${id}`);
    expect(problem(await sut.call('DELETE', `/api/v2/products/${id}`)).msg).toBe(
      `No results found for ${id}`,
    );
    expect(problem(await patch(id, {})).msg).toBe('No results found for None');
    expect(problem(await patch(id, {}, 'v1')).msg).toBe(` No results found for ${id}`);
  });

  describe('patching', () => {
    it('touches only what it names, and clears what is null', async () => {
      const id = await sut.create({ sku: 'X', label: 'Shirt', attributes: { care: 'cold', brand: 'Nord' } });
      await patch(id, { attributes: { care: null, size: 'M' } });

      expect(await sut.product(id)).toMatchObject({
        label: 'Shirt',
        attributes: { brand: 'Nord', size: 'M' },
      });
      expect((await sut.product(id))['attributes']).not.toHaveProperty('care');
    });

    it('moves modified with a change, and not without one', async () => {
      const id = await sut.create({
        sku: 'X',
        label: 'Shirt',
        attributes: { weight: 1.5, features: ['Stretch'] },
      });
      after(10);
      await patch(id, {
        label: 'Shirt',
        sku: 'X',
        attributes: { weight: '1.5', features: ['Stretch'], care: null },
      });
      expect(await modified(id)).toBe(at(0));
      await patch(id, { label: 'Coat' });
      expect(await modified(id)).toBe(at(10));
    });

    it('gives two writes within one millisecond different times', async () => {
      const id = await sut.create({ sku: 'X' });
      await patch(id, { label: 'one' });
      const first = await modified(id);
      await patch(id, { label: 'two' });

      expect(await modified(id)).not.toBe(first);
    });

    it('renames a SKU, and sets the old one free', async () => {
      const id = await sut.create({ sku: 'OLD' });
      await patch(id, { sku: 'NEW' });

      expect(await sut.create({ sku: 'OLD' })).not.toBe(id);
      expect((await patch(id, { sku: 'OLD' })).status).toBe(409);
    });

    it('prints media as each version does', async () => {
      await sut.request('POST', '/admin/reset', { products: 1 });
      const [hero, other] = rows(await sut.call('POST', '/api/v1/assets/search', {}));
      const id = await sut.create({ sku: 'X' });
      const media = { hero_image: { id: hero!['id'] }, gallery: [{ id: hero!['id'] }, { id: other!['id'] }] };
      expect((await patch(id, { thumbnail: { id: hero!['id'] }, attributes: media })).status).toBe(200);
      const [v1, v2] = [await sut.product(id, 'v1'), await sut.product(id, 'v2')];

      expect(v2).toMatchObject({
        thumbnail: { id: hero!['id'] },
        assets: [{ id: hero!['id'] }, { id: other!['id'] }],
        attributes: { hero_image: [hero!['id']], gallery: [hero!['id'], other!['id']] },
      });
      expect(v1).toMatchObject({
        thumbnail: {
          id: hero!['id'],
          filename: hero!['filename'],
          url: hero!['url'],
          thumbnail: hero!['thumbnail'],
        },
        attributes: { hero_image: { id: hero!['id'], thumb: hero!['thumbnail'] } },
      });
      expect((await patch(id, { thumbnail: hero!['id'] ?? null })).status).toBe(422);
    });
  });

  describe('variants', () => {
    it('belong to the parent, which counts as changed', async () => {
      const parent = await sut.create({ sku: 'P' });
      expect(await sut.product(parent)).toMatchObject({ product_level: 0, product_type: 'SINGLE' });
      after(5);
      const variant = await sut.createVariant(parent, { sku: 'P-M' });

      expect(await sut.product(parent)).toMatchObject({
        product_level: 1,
        num_variations: 1,
        modified: at(5),
      });
      expect(await sut.product(variant)).toMatchObject({
        product_level: 2,
        product_type: 'VARIANT',
        parent_id: parent,
      });
      expect(await sut.product(variant, 'v1')).toMatchObject({ _parent_id: parent });
      const listed = await sut.call('GET', `/api/v1/products/${parent}/variants`);
      expect(rows(listed).map(({ id }) => id)).toEqual([variant]);
    });

    it('are wrapped when v1 creates them', async () => {
      const parent = await sut.create({ sku: 'P' });
      const bare = await sut.call('POST', `/api/v1/products/${parent}/variants`, { sku: 'P-M' });
      const wrapped = await sut.call('POST', `/api/v1/products/${parent}/variants`, {
        variant: { sku: 'P-M' },
      });

      expect([bare.status, wrapped.status]).toEqual([422, 201]);
      expect(rows(wrapped)[0]).toMatchObject({ sku: 'P-M', _parent_id: parent });
    });

    it('cannot have variants of their own', async () => {
      const { variant } = await tree();

      expect((await sut.call('POST', `/api/v2/products/${variant}/variants`, { sku: 'deep' })).status).toBe(
        422,
      );
    });

    it('inherit what the family hands down, without a new time', async () => {
      const { parent, variant } = await tree();
      const before = await modified(variant);
      after(60);
      await patch(parent, { attributes: { brand: 'Faro' } });

      expect(await sut.product(variant)).toMatchObject({
        modified: before,
        attributes: { brand: 'Faro', size: 'M' },
        overwritten_attributes: [],
      });
    });

    it('move with the parent when told that the service does so', async () => {
      const { parent, variant } = await tree();
      await sut.request('POST', '/admin/choices', { bumpVariantsOnInheritedChange: true });
      after(60);
      await patch(parent, { attributes: { brand: 'Faro' } });

      expect(await modified(variant)).toBe(at(60));
    });

    it('keep an overwritten value until they are resynchronised', async () => {
      const { parent, variant } = await tree();
      await patch(variant, { attributes: { brand: 'Kestrel & Co' } });
      await patch(parent, { attributes: { brand: 'Faro' } });
      expect(await sut.product(variant)).toMatchObject({
        attributes: { brand: 'Kestrel & Co' },
        overwritten_attributes: ['attributes.brand'],
      });
      const body = { attribute_labels: ['brand'], variant_ids: [variant] };
      expect((await sut.call('POST', `/api/v2/products/${parent}/variants/resync`, body)).status).toBe(200);

      expect(await sut.product(variant)).toMatchObject({
        attributes: { brand: 'Faro' },
        overwritten_attributes: [],
      });
    });

    it('overwrite nothing by writing what they inherit', async () => {
      const { variant } = await tree();
      await patch(variant, { attributes: { brand: 'Nord' } });

      expect(await sut.product(variant)).toMatchObject({ overwritten_attributes: [] });
    });

    it('cannot resynchronise what is not handed down', async () => {
      const { parent, variant } = await tree();
      const body = { attribute_labels: ['size'], variant_ids: [variant] };
      const reply = await sut.call('POST', `/api/v1/products/${parent}/variants/resync`, body);

      expect(reply.status).toBe(400);
      expect(problem(reply).errors).toEqual([
        { field: 'attribute_labels', msg: 'attributes.size not a parent attribute from family model' },
      ]);
    });

    it('leave a parent and join another one, and both count as changed', async () => {
      const { family, parent, variant } = await tree();
      const other = await sut.create({ sku: 'P-2', attributes: { brand: 'Faro' } });
      const link = (id: string): Promise<Reply> =>
        sut.call('POST', `/api/v2/products/${other}/variant/${id}`);
      const differ = await link(variant);
      expect(differ.status).toBe(422);
      expect(problem(differ).msg).toBe('Parent and variants must be assigned to the same family');
      await sut.call('POST', `/api/v2/products/${other}/family`, { product_family_id: family });
      after(30);

      expect((await sut.call('DELETE', `/api/v2/products/${parent}/variant/${variant}`)).status).toBe(204);
      expect(await sut.product(variant)).toMatchObject({ product_level: 0, attributes: { brand: 'Nord' } });
      expect((await link(variant)).status).toBe(204);
      expect(await sut.product(variant)).toMatchObject({ parent_id: other, attributes: { brand: 'Faro' } });
      expect([await modified(parent), await modified(other)]).toEqual([at(30), at(30)]);
    });

    it('cannot be taken from a product that is not their parent', async () => {
      const { variant } = await tree();
      const other = await sut.create({ sku: 'P-2' });
      const reply = await sut.call('DELETE', `/api/v2/products/${other}/variant/${variant}`);

      expect(reply.status).toBe(422);
      expect(problem(reply).msg).toBe('unlinking unrelated products');
    });
  });

  it('take their variants with them when they are deleted, for good', async () => {
    const { parent, variant } = await tree();

    expect((await sut.call('DELETE', `/api/v2/products/${parent}`)).status).toBe(204);
    for (const id of [parent, variant])
      expect((await sut.call('GET', `/api/v1/products/${id}`)).status).toBe(404);
    expect((await sut.call('DELETE', `/api/v2/products/${parent}`)).status).toBe(404);
    expect(await sut.create({ sku: 'P-1-M' })).not.toBe(variant);
  });

  it('share their family with their variants, which cannot have one of their own', async () => {
    const { parent, variant } = await tree();
    const shoes = await sut.familyId('Footwear');

    expect(
      (await sut.call('POST', `/api/v2/products/${variant}/family`, { product_family_id: shoes })).status,
    ).toBe(422);
    await sut.call('POST', `/api/v2/products/${parent}/family`, { product_family_id: shoes });
    expect(await sut.product(variant)).toMatchObject({ product_family_id: shoes });
    await sut.call('POST', `/api/v2/products/${parent}/family`, { product_family_id: '' });
    expect(await sut.product(variant)).toMatchObject({ product_family_id: null });
  });

  it('are linked to categories once, and count as changed', async () => {
    const id = await sut.create({ sku: 'X' });
    const search = { filters: [[{ field: 'name', operator: 'eq', value: 'Shirts' }]] };
    const category = String(
      rows(await sut.call('POST', '/api/v1/categories/product/search', search))[0]?.['id'],
    );
    after(3);
    const link = (): Promise<Reply> =>
      sut.call('POST', `/api/v2/products/${id}/categories`, { id: category });

    expect(rows(await link())).toEqual([{ id: category, name: 'Shirts', path: ['Clothing', 'Shirts'] }]);
    expect((await link()).status).toBe(409);
    expect(await sut.product(id)).toMatchObject({ categories: [{ id: category }], modified: at(3) });
    const remove = `/api/v1/products/${id}/categories/${category}`;
    expect((await sut.call('DELETE', remove)).status).toBe(204);
    expect((await sut.call('DELETE', remove)).status).toBe(404);
    const unknown = await sut.call('POST', `/api/v2/products/${id}/categories`, { id: 'nope' });
    expect(problem(unknown).msg).toBe('Unknown category nope');
  });

  it('never lose one of two writes that come at once', async () => {
    const id = await sut.create({ sku: 'X' });
    const labels = ['care', 'composition', 'name_de', 'description'];
    await Promise.all(labels.map((label) => patch(id, { attributes: { [label]: 'written' } })));
    const created = await Promise.all(
      [1, 2, 3].map(() => sut.call('POST', '/api/v2/products', { sku: 'RACE' })),
    );

    expect((await sut.product(id))['attributes']).toEqual(
      Object.fromEntries(labels.map((label) => [label, 'written'])),
    );
    expect(created.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});
