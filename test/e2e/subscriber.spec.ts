/** A subscriber in another language: the example of the documents, run as it stands, ends with the state of the hub. */
import { runPython } from '../support/python';
import { ScriptedVendor } from '../support/scripted-vendor';
import { TestHub } from '../support/test-hub';

jest.setTimeout(180_000);

interface Change {
  topic: string;
  id: string;
  version: number;
  type: string;
  key: Record<string, string>;
  supplied?: string[];
  after: Record<string, unknown> | null;
}

describe('docs/examples/consume.py', () => {
  const plytix = new ScriptedVendor('plytix');
  let sut: TestHub;

  beforeAll(async () => {
    sut = await TestHub.start(plytix);
  });

  afterAll(() => sut.stop());

  const consume = (...entities: ('product' | 'variant')[]): Promise<Change[]> => {
    const { brokers, registryUrl } = sut.namespace;
    const topics = entities.map((entity) => sut.settings.topics.catalog(entity));
    const where = ['--brokers', brokers.join(','), '--registry', registryUrl];
    return runPython('../../docs/examples/consume.py', ...where, '--until-end', ...topics);
  };

  /** What is live after all changes, as the subscriber has it. */
  const live = (changes: readonly Change[]): Change[] => {
    const newest = new Map<string, Change>();
    for (const change of changes) {
      expect(change.version).toBeGreaterThan(newest.get(change.id)?.version ?? 0);
      newest.set(change.id, change);
    }
    return [...newest.values()].filter(({ after }) => after !== null);
  };

  it('ends with the records of the mart, after renames, moves, clears and deletes', async () => {
    plytix.change(
      ['product', 'p1', { sku: 'A', label: 'Shirt', 'attributes.description': 'Of linen' }],
      ['product', 'p2', { sku: 'B', label: 'Boot' }],
      ['product', 'p3', { sku: 'C', label: 'Coat' }],
      ['variant', 'v1', { sku: 'A-M', label: 'Shirt M', parent_id: 'p1' }],
      ['variant', 'v2', { sku: 'B-40', label: 'Boot 40', parent_id: 'p2' }],
    );
    await sut.settled();
    plytix.change(
      ['product', 'p1', { sku: 'A2', label: 'Chemise ‘été’ 漢字', 'attributes.description': null }],
      ['variant', 'v2', { sku: 'B-40', label: 'Boot 40', parent_id: 'p3' }],
      ['product', 'p2', null],
    );
    await sut.settled();

    const changes = await consume('product', 'variant');
    const standing = live(changes).map(({ id, version, key }) => ({ hub_id: id, version, ...key }));
    const products = await sut.mart<{ hub_id: string; version: string; code: string }>(
      'select hub_id, version, code from product where deleted_at is null',
    );
    const variants = await sut.mart<{ hub_id: string; version: string; product: string; sku: string }>(
      'select hub_id, version, product_code as product, sku from variant where deleted_at is null',
    );
    const rows = [...products, ...variants].map((row) => ({ ...row, version: Number(row.version) }));
    const byId = (a: { hub_id: string }, b: { hub_id: string }): number => (a.hub_id < b.hub_id ? -1 : 1);
    expect(products.map(({ code }) => code).sort()).toEqual(['A2', 'C']);
    expect(variants.map(({ product, sku }) => `${product}/${sku}`).sort()).toEqual(['A2/A-M', 'C/B-40']);
    expect(standing.sort(byId)).toEqual(rows.sort(byId));
  });

  it('tells cleared from never supplied, and keeps text as it is', async () => {
    const shirt = live(await consume('product')).find(({ key }) => key.code === 'A2');
    expect(shirt?.after).toMatchObject({ name: 'Chemise ‘été’ 漢字', description: null, season: null });
    expect(shirt?.supplied).toContain('description');
    expect(shirt?.supplied).not.toContain('season');
  });
});
