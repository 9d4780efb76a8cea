import type { Json, JsonObject } from '../../http/answer';
import { SpecSandbox, problem, rows } from '../testkit/client';
import type { Reply } from '../testkit/client';

const DAY = '2026-03-01';
const T0 = Date.parse(`${DAY}T10:00:00Z`);

describe('product search', () => {
  let sut: SpecSandbox;
  let now = T0;

  beforeAll(async () => {
    sut = await SpecSandbox.start({ products: 0, now: () => now });
    await sut.create({
      sku: 'A-1',
      label: 'Linen Shirt',
      attributes: { weight: 1.5, size: 'M', features: ['Stretch'] },
    });
    now = T0 + 1000;
    await sut.create({
      sku: 'a-1',
      label: 'Linen Coat',
      attributes: { weight: 2, size: 'L', launch_date: '2026-05-01' },
    });
    now = T0 + 2000;
    await sut.create({ sku: 'B-2', status: 'Completed', attributes: { sustainable: true } });
    await sut.create({ sku: 'B-3', attributes: { description: '<p>Warm</p>' } });
  });
  afterAll(() => sut.close());

  const search = (body: Json, version = 'v2'): Promise<Reply> =>
    sut.call('POST', `/api/${version}/products/search`, body);
  const found = async (...filters: JsonObject[]): Promise<Json[]> =>
    rows(await search({ filters: [filters] }))
      .map(({ sku }) => sku ?? null)
      .sort();
  const filter = (field: string, operator: string, value?: Json): JsonObject =>
    value === undefined ? { field, operator } : { field, operator, value };

  it('ORs the outer list and ANDs the inner ones', async () => {
    const reply = await search({
      filters: [
        [filter('sku', 'like', 'b-'), filter('status', 'eq', 'Completed')],
        [filter('label', 'eq', 'Linen Coat')],
      ],
    });

    expect(
      rows(reply)
        .map(({ sku }) => sku)
        .sort(),
    ).toEqual(['B-2', 'a-1']);
  });

  it.each<[string, JsonObject, string[]]>([
    ['eq ignores case, even on SKUs', filter('sku', 'eq', 'A-1'), ['A-1', 'a-1']],
    ['in compares exactly', filter('sku', 'in', ['A-1', 'B-3', 'zzz']), ['A-1', 'B-3']],
    ['!in is its opposite', filter('sku', '!in', ['A-1', 'B-3']), ['B-2', 'a-1']],
    ['like finds a part, ignoring case', filter('label', 'like', 'LINEN'), ['A-1', 'a-1']],
    ['!eq holds for what is empty', filter('label', '!eq', 'linen shirt'), ['B-2', 'B-3', 'a-1']],
    ['exists wants a value', filter('attributes.weight', 'exists'), ['A-1', 'a-1']],
    ['!exists wants none', filter('attributes.weight', '!exists'), ['B-2', 'B-3']],
    ['gt compares numbers', filter('attributes.weight', 'gt', 1.5), ['a-1']],
    ['bte takes two bounds', filter('attributes.weight', 'bte', [1, 1.9]), ['A-1']],
    ['dates compare as days', filter('attributes.launch_date', 'gte', '2026-05-01'), ['a-1']],
    [
      'in on several values wants one of them',
      filter('attributes.features', 'in', ['Stretch', 'Reversible']),
      ['A-1'],
    ],
    ['booleans are false when empty', filter('attributes.sustainable', 'eq', false), ['A-1', 'B-3', 'a-1']],
    ['len_gt compares lengths', filter('label', 'len_gt', 10), ['A-1']],
    ['modified takes a date as its midnight', filter('modified', 'gte', DAY), ['A-1', 'B-2', 'B-3', 'a-1']],
    ['modified eq takes a date as the day', filter('modified', 'eq', DAY), ['A-1', 'B-2', 'B-3', 'a-1']],
    [
      'modified takes a time to the millisecond',
      filter('modified', 'gt', `${DAY}T10:00:00.999Z`),
      ['B-2', 'B-3', 'a-1'],
    ],
    ['last_days counts from now', filter('created', 'last_days', 1), ['A-1', 'B-2', 'B-3', 'a-1']],
    ['product_level is a number', filter('product_level', 'eq', 1), []],
  ])('%s', async (_, condition, skus) => {
    expect(await found(condition)).toEqual(skus);
  });

  it('searches a text in several fields', async () => {
    expect(
      await found({ field: ['label', 'attributes.description'], operator: 'text_search', value: 'warm' }),
    ).toEqual(['B-3']);
  });

  it('gives a page of 25 newest first, with counts, when nothing is asked', async () => {
    const reply = await search({});

    expect(rows(reply).map(({ sku }) => sku)).toEqual(['B-3', 'B-2', 'a-1', 'A-1']);
    expect(reply.body['pagination']).toEqual({
      count: 4,
      order: null,
      page: 1,
      page_size: 25,
      total_count: 4,
    });
  });

  it('counts what matches in count and everything in total_count', async () => {
    const reply = await search({ filters: [[filter('sku', 'eq', 'b-2')]], pagination: { page_size: 1 } });

    expect(reply.body['pagination']).toMatchObject({ count: 1, total_count: 4 });
  });

  it('pages without a gap or a repeat until the empty page, ties broken by id', async () => {
    const skus: Json[] = [];
    for (let page = 1; page <= 3; page += 1) {
      const reply = await search({ pagination: { page, page_size: 3, order: 'modified' } });
      expect(reply.status).toBe(200);
      skus.push(...rows(reply).map(({ sku }) => sku ?? null));
    }

    expect(skus).toEqual(['A-1', 'a-1', 'B-2', 'B-3']);
  });

  it('turns the order round with a minus, and follows no order that it does not know', async () => {
    const ordered = async (order: string): Promise<unknown[]> =>
      rows(await search({ pagination: { order } })).map(({ sku }) => sku);

    expect(await ordered('-attributes.weight')).toEqual(['a-1', 'A-1', 'B-2', 'B-3']);
    expect(await ordered('asc/label')).toEqual(await ordered(''));
  });

  it('prints asked columns, and leaves empty custom attributes out', async () => {
    const attributes = ['label', 'attributes.weight', 'attributes.launch_date', 'product_family_id'];
    const byVersion = async (version: string): Promise<JsonObject | undefined> =>
      rows(await search({ filters: [[filter('sku', 'in', ['a-1'])]], attributes }, version))[0];
    const [v1, v2] = [await byVersion('v1'), await byVersion('v2')];

    expect(v2).toMatchObject({
      sku: 'a-1',
      label: 'Linen Coat',
      attributes: { weight: 2, launch_date: '2026-05-01' },
    });
    expect(v1).toMatchObject({ attributes: { weight: 2, launch_date: '2026-05-01T00:00:00' } });
    expect(v2).not.toHaveProperty('product_family_id');
    const other = rows(await search({ filters: [[filter('sku', 'in', ['B-2'])]], attributes }))[0];
    expect(other?.['attributes']).toEqual({});
  });

  it('prints times as each version does', async () => {
    const of = async (version: string): Promise<unknown> =>
      rows(
        await search({ filters: [[filter('sku', 'in', ['A-1'])]], attributes: ['modified'] }, version),
      )[0]?.['modified'];

    expect(await of('v2')).toBe('2026-03-01T10:00:00.000000');
    expect(await of('v1')).toBe('2026-03-01T10:00:00.000000+00:00');
  });

  it.each<[string, Json, string, Json]>([
    [
      'more than 100 rows a page',
      { pagination: { page_size: 101 } },
      'page_size',
      'page_size must be between 1 and 100',
    ],
    ['page 0', { pagination: { page: 0 } }, 'page', 'page must be 1 or more'],
    ['filters that are no list of lists', { filters: [{}] }, 'filters', 'Unable to decode filters properly'],
    ['a filter in short form', { filters: [[{ field: 'sku', eq: 'x' }]] }, 'eq', 'unknown field'],
    [
      'an unknown field',
      { filters: [[filter('colour', 'eq', 'x')]] },
      'field',
      "Field 'colour' doesn't exist",
    ],
    ['an unknown column', { attributes: ['weight'] }, 'attributes', "Field 'weight' doesn't exist"],
    ['an unknown part', { sort: 'x' }, 'sort', 'unknown field'],
    [
      'a date that is none',
      { filters: [[filter('modified', 'gt', 'soon')]] },
      'value',
      "Value is not valid for field 'modified'",
    ],
  ])('refuses %s', async (_, body, field, msg) => {
    const reply = await search(body);

    expect(reply.status).toBe(422);
    expect(problem(reply)).toEqual({ msg: 'Schema validation error', errors: [{ field, msg }] });
  });

  it('lists the valid operators when one is not', async () => {
    const reply = await search({ filters: [[filter('sku', 'contains', 'x')]] });

    expect(reply.status).toBe(422);
    expect(JSON.stringify(problem(reply).errors)).toContain('exists, !exists, like, eq, !eq');
  });

  it('refuses a time of day in filters when told that the service does', async () => {
    const body = { filters: [[filter('modified', 'gt', `${DAY}T10:00:00Z`)]] };
    await sut.request('POST', '/admin/choices', { dateTimeFilters: 'reject' });
    const refused = await search(body);
    await sut.request('POST', '/admin/choices', { dateTimeFilters: 'accept' });

    expect(refused.status).toBe(422);
    expect((await search(body)).status).toBe(200);
  });

  it('tolerates an empty relationship_filters everywhere', async () => {
    const body = { filters: [], attributes: [], pagination: {}, relationship_filters: [] };

    expect((await search(body)).status).toBe(200);
    expect((await sut.call('POST', '/api/v1/assets/search', body)).status).toBe(200);
  });

  it('shows a write only after the lag, while a read by id shows it at once', async () => {
    await sut.request('POST', '/admin/choices', { searchLagMs: 600_000 });
    const id = await sut.create({ sku: 'LATE-1' });

    expect(await found(filter('sku', 'eq', 'LATE-1'))).toEqual([]);
    expect(await sut.product(id)).toMatchObject({ sku: 'LATE-1' });
    await sut.request('POST', '/admin/choices', { searchLagMs: 0 });
    expect(await found(filter('sku', 'eq', 'LATE-1'))).toEqual(['LATE-1']);
    await sut.call('DELETE', `/api/v2/products/${id}`);
  });
});

describe('product search in a large account', () => {
  let sut: SpecSandbox;
  beforeAll(async () => {
    sut = await SpecSandbox.start({ products: 1000 });
    for (let number = 0; number < 60; number += 1) {
      await sut.call('POST', '/api/v1/attributes/product', {
        name: `Extra ${number}`,
        type_class: 'TextAttribute',
      });
    }
  });
  afterAll(() => sut.close());

  const status = async (version: string, body: Json): Promise<number> =>
    (await sut.call('POST', `/api/${version}/products/search`, body)).status;

  it('orders at most 10,000 matches', async () => {
    expect(await status('v2', { pagination: { order: 'modified' } })).toBe(428);
    expect(await status('v2', {})).toBe(200);
    const few = {
      filters: [[{ field: 'product_level', operator: 'eq', value: 1 }]],
      pagination: { order: 'modified' },
    };
    expect(await status('v2', few)).toBe(200);
  });

  it.each([
    ['v1', 20],
    ['v2', 50],
  ])('gives at most so many columns in %s: %i, besides id and sku', async (version, cap) => {
    const columns = Array.from({ length: cap }, (_, number) => `attributes.extra_${number}`);
    const tooMany = await sut.call('POST', `/api/${version}/products/search`, {
      attributes: [...columns, 'label'],
    });

    expect(await status(version, { attributes: ['id', 'sku', ...columns] })).toBe(200);
    expect(tooMany.status).toBe(422);
    expect(problem(tooMany).errors).toEqual([
      { field: 'schema', msg: `columns limit exceeded, current limit is ${cap}` },
    ]);
  });
});
