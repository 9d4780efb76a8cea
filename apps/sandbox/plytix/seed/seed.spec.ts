import type { Asset, Product } from '../model';
import { isGtin } from '../products/values';
import type { Change } from '../store';
import { seedCatalogue } from './seed';

const products = (changes: Change[]): Product[] =>
  changes.flatMap((change) => (change.in === 'products' && change.row ? [change.row] : []));
const assets = (changes: Change[]): Asset[] =>
  changes.flatMap((change) => (change.in === 'assets' && change.row ? [change.row] : []));

describe('the seeded catalogue', () => {
  it.each([0, 1, 4, 5, 300])('has %i styles and exactly ten times as many variants', (count) => {
    const rows = products(seedCatalogue({ products: count, seed: 7 }));

    expect(rows.filter(({ parent_id }) => parent_id === null)).toHaveLength(count);
    expect(rows.filter(({ parent_id }) => parent_id !== null)).toHaveLength(count * 10);
  });

  it('is the same for the same seed, and another for another', () => {
    const first = seedCatalogue({ products: 20, seed: 7 });

    expect(seedCatalogue({ products: 20, seed: 7 })).toEqual(first);
    expect(products(seedCatalogue({ products: 20, seed: 8 }))[0]).not.toEqual(products(first)[0]);
  });

  it('gives every row an id, every product a SKU and every variant a valid GTIN of its own', () => {
    const changes = seedCatalogue({ products: 300, seed: 7 });
    const rows = products(changes);
    const gtins = rows.flatMap(({ gtin }) => gtin ?? []);

    expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
    expect(new Set(rows.map(({ sku }) => sku)).size).toBe(rows.length);
    expect(gtins).toHaveLength(3000);
    expect(new Set(gtins).size).toBe(3000);
    expect(gtins.every(isGtin)).toBe(true);
  });

  it('has bulk edits that gave hundreds of products one time', () => {
    const counts = new Map<number, number>();
    for (const { modified } of products(seedCatalogue({ products: 300, seed: 7 }))) {
      counts.set(modified, (counts.get(modified) ?? 0) + 1);
    }

    expect(Math.max(...counts.values())).toBeGreaterThan(100);
  });

  it('never modifies before it creates, and refers to nothing that is not there', () => {
    const changes = seedCatalogue({ products: 50, seed: 1 });
    const known = new Set(changes.map(({ id }) => id));

    for (const row of products(changes)) {
      expect(row.modified).toBeGreaterThanOrEqual(row.created);
      const references = [row.parent_id, row.family_id, row.thumbnail, ...row.categories];
      expect(references.filter((id) => id !== null && !known.has(id))).toEqual([]);
    }
    expect(assets(changes).every(({ file_size }) => file_size > 0)).toBe(true);
  });
});
