/** Codes move between records over time, hub_ids never (architecture §2): each story through the whole spine. */
import { ScriptedVendor } from '../support/scripted-vendor';
import { TestHub } from '../support/test-hub';

jest.setTimeout(120_000);

interface ProductRow {
  hub_id: string;
  code: string;
  name: string | null;
  deleted_at: Date | null;
}
interface VariantRow {
  hub_id: string;
  product_id: string;
  product_code: string;
  sku: string;
  deleted_at: Date | null;
}

const product = (sku: string, label: string, more: object = {}): Record<string, string> => ({
  sku,
  label,
  ...more,
});
const variant = (sku: string, parent: string): Record<string, string> => ({
  sku,
  label: sku,
  parent_id: parent,
});

describe('identity', () => {
  let plytix: ScriptedVendor;
  let sut: TestHub;

  beforeEach(async () => {
    plytix = new ScriptedVendor('plytix');
    sut = await TestHub.start(plytix);
  });

  afterEach(async () => {
    const violations = await sut.violations();
    await sut.stop();
    expect(violations).toEqual([]);
  });

  const products = () => sut.mart<ProductRow>('select hub_id, code, name, deleted_at from product');
  const variants = () =>
    sut.mart<VariantRow>('select hub_id, product_id, product_code, sku, deleted_at from variant');
  const liveProduct = async (code: string): Promise<ProductRow | undefined> =>
    (await products()).find((row) => row.code === code && row.deleted_at === null);
  const exceptions = () =>
    sut.query<{ class: string; state: string; message: string }>(
      'select class, state, message from sync_exception order by first_at',
    );

  it('keeps the hub_id of a renamed product and of its variants', async () => {
    plytix.change(['product', 'p1', product('A', 'Shirt')], ['variant', 'v1', variant('A-M', 'p1')]);
    await sut.settled();
    const before = { product: await liveProduct('A'), variant: (await variants())[0] };
    plytix.change(['product', 'p1', product('B', 'Shirt')]);
    await sut.settled();
    expect(await products()).toEqual([{ ...before.product, code: 'B' }]);
    expect(await variants()).toEqual([{ ...before.variant, product_code: 'B' }]);
  });

  it('lets two products swap their codes, in one page and in two', async () => {
    plytix.change(['product', 'p1', product('A', 'one')], ['product', 'p2', product('B', 'two')]);
    await sut.settled();
    const [one, two] = [await liveProduct('A'), await liveProduct('B')];
    plytix.change(['product', 'p1', product('B', 'one')], ['product', 'p2', product('A', 'two')]);
    await sut.settled();
    expect(await liveProduct('B')).toEqual({ ...one, code: 'B' });
    expect(await liveProduct('A')).toEqual({ ...two, code: 'A' });
    plytix.change(['product', 'p1', product('A', 'one')]);
    await sut.settled();
    expect(await liveProduct('B')).toEqual({ ...one, code: 'B' });
    expect((await exceptions()).map(({ class: kind, state }) => [kind, state])).toEqual([
      ['duplicate_key', 'open'],
    ]);
    plytix.change(['product', 'p2', product('B', 'two')]);
    await sut.settled();
    expect(await liveProduct('A')).toEqual(one);
    expect(await liveProduct('B')).toEqual(two);
    expect((await exceptions()).map(({ state }) => state)).toEqual(['resolved']);
  });

  it('gives a new hub_id to the product that takes over a code', async () => {
    plytix.change(['product', 'p1', product('A', 'old')]);
    await sut.settled();
    const old = await liveProduct('A');
    plytix.change(['product', 'p1', product('B', 'old')], ['product', 'p2', product('A', 'new')]);
    await sut.settled();
    expect(await liveProduct('B')).toEqual({ ...old, code: 'B' });
    const taken = await liveProduct('A');
    expect(taken).toMatchObject({ name: 'new' });
    expect(taken?.hub_id).not.toBe(old?.hub_id);
  });

  it('moves a variant to another product under its hub_id', async () => {
    plytix.change(
      ['product', 'p1', product('A', 'one')],
      ['product', 'p2', product('B', 'two')],
      ['variant', 'v1', variant('S', 'p1')],
    );
    await sut.settled();
    const [before] = await variants();
    plytix.change(['variant', 'v1', variant('S', 'p2')]);
    await sut.settled();
    const target = await liveProduct('B');
    expect(await variants()).toEqual([{ ...before, product_id: target?.hub_id, product_code: 'B' }]);
  });

  it('re-keys 300 variants with their parent, in one page', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `v${index}`);
    plytix.change(['product', 'p1', product('A', 'one')]);
    plytix.change(
      ...ids.map((id): ['variant', string, Record<string, string>] => [
        'variant',
        id,
        variant(`S-${id}`, 'p1'),
      ]),
    );
    await sut.settled();
    const before = new Map((await variants()).map((row) => [row.sku, row.hub_id]));
    expect(before.size).toBe(300);
    plytix.change(['product', 'p1', product('B', 'one')]);
    await sut.settled();
    const after = await variants();
    expect(new Set(after.map((row) => row.product_code))).toEqual(new Set(['B']));
    expect(new Map(after.map((row) => [row.sku, row.hub_id]))).toEqual(before);
  });

  it('holds the second of two records with one SKU, by case too, and releases it when the conflict ends', async () => {
    plytix.change(['product', 'p1', product('A', 'first')], ['product', 'p2', product(' a', 'second')]);
    await sut.settled();
    expect((await products()).map((row) => row.name)).toEqual(['first']);
    const [held] = await exceptions();
    expect(held).toMatchObject({ class: 'duplicate_key', state: 'open' });
    expect(held?.message).toContain('p1');
    expect(held?.message).toContain('p2');
    plytix.change(['product', 'p2', product('C', 'second')]);
    await sut.settled();
    expect(await liveProduct('C')).toMatchObject({ name: 'second' });
    expect((await exceptions()).map(({ state }) => state)).toEqual(['resolved']);
  });

  it('releases a held record when the first one is deleted', async () => {
    plytix.change(['product', 'p1', product('A', 'first')], ['product', 'p2', product('A', 'second')]);
    await sut.settled();
    const first = await liveProduct('A');
    plytix.change(['product', 'p1', null]);
    await sut.settled();
    expect(await liveProduct('A')).toMatchObject({ name: 'second', hub_id: first?.hub_id });
  });

  it('ends a product with its variants, and brings both back under their hub_ids when the code returns', async () => {
    plytix.change(['product', 'p1', product('A', 'one')], ['variant', 'v1', variant('S', 'p1')]);
    await sut.settled();
    const before = { products: await products(), variants: await variants() };
    plytix.change(['product', 'p1', null], ['variant', 'v1', null]);
    await sut.settled();
    expect((await products()).map((row) => [row.hub_id, row.deleted_at !== null])).toEqual([
      [before.products[0]?.hub_id, true],
    ]);
    expect((await variants()).every((row) => row.deleted_at !== null)).toBe(true);
    plytix.change(['product', 'p9', product('A', 'one')], ['variant', 'v9', variant('S', 'p9')]);
    await sut.settled();
    expect(await products()).toEqual(before.products);
    expect(await variants()).toEqual(before.variants);
  });

  it('holds a variant that comes before its product', async () => {
    plytix.change(['variant', 'v1', variant('S', 'p1')]);
    await sut.settled();
    expect(await variants()).toEqual([]);
    expect((await exceptions()).map(({ class: kind, state }) => [kind, state])).toEqual([
      ['identity_unresolved', 'open'],
    ]);
    plytix.change(['product', 'p1', product('A', 'one')]);
    await sut.settled();
    expect((await variants()).map((row) => row.product_code)).toEqual(['A']);
    expect((await exceptions()).map(({ state }) => state)).toEqual(['resolved']);
  });
});
