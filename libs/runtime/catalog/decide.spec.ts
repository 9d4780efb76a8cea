import type { Attributes } from '#contracts';
import type { SourceEvent } from './catalog-model';
import { CatalogWorld, hub, ofProduct, ofVariant, RULES, rulesOf } from './catalog-world';

const pim = (n: number, sequence: number, attributes: Attributes | null): SourceEvent =>
  ofProduct('plytix', n, { sequence, attributes });
const plm = (n: number, sequence: number, attributes: Attributes | null): SourceEvent =>
  ofProduct('centric', n, { sequence, attributes });
const pimVariant = (n: number, of: number, sequence: number, attributes: Attributes | null): SourceEvent =>
  ofVariant('plytix', n, of, { sequence, attributes });
const plmVariant = (n: number, of: number, sequence: number, attributes: Attributes | null): SourceEvent =>
  ofVariant('centric', n, of, { sequence, attributes });

describe('a golden product', () => {
  it('begins when the system that says that it exists says so', () => {
    const world = new CatalogWorld();
    const changes = world.commit([pim(1, 1, { code: 'A', name: 'Coat' })]);
    expect(changes).toEqual([
      {
        entity: 'product',
        hubId: hub(1),
        productId: hub(1),
        op: 'c',
        version: 1,
        before: null,
        after: { code: 'A', name: 'Coat' },
        key: { code: 'A' },
        partition: 0,
        changedAtMs: 1_000,
        vendorId: null,
        vendorTime: null,
        provenance: [
          { system: 'plytix', event_id: 'plytix 1 1', ts_ms: 1_000, attributes: ['code', 'name'] },
        ],
      },
    ]);
  });

  it('waits for that system with what others say, and then has it from the start', () => {
    const world = new CatalogWorld();
    expect(world.take(plm(1, 1, { code: 'A', season: 'SS26' }))).toEqual([]);
    expect(world.take(pim(1, 1, { code: 'A' }))).toEqual(['c product A #1 v1']);
    expect(world.of(1).attributes).toEqual({ code: 'A', season: 'SS26' });
    expect(world.provenanceOf(1)).toEqual({ code: 'plytix 1 1', season: 'centric 1 1' });
  });

  it('is updated with the state before when an owner changes an attribute', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A', name: 'Coat' }));
    const [change] = world.commit([pim(1, 2, { code: 'A', name: 'Mantle' })]);
    expect(change).toMatchObject({
      op: 'u',
      version: 2,
      before: { version: 1, productId: hub(1), attributes: { code: 'A', name: 'Coat' } },
      after: { code: 'A', name: 'Mantle' },
      changedAtMs: 2_000,
    });
    expect(world.provenanceOf(1)).toEqual({ code: 'plytix 1 1', name: 'plytix 1 2' });
  });

  it('is silent about what a system says that does not own it, and keeps it as a contribution', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }));
    expect(world.take(plm(1, 1, { code: 'A', name: 'Manteau' }))).toEqual([]);
    expect(world.contributions.get(hub(1))?.get('centric')?.attributes).toEqual({
      code: 'A',
      name: 'Manteau',
    });
  });

  it('changes nothing for a repeat, nor for an event that a newer one has overtaken', () => {
    const world = new CatalogWorld();
    const first = pim(1, 1, { code: 'A', name: 'Coat' });
    world.take(first, pim(1, 3, { code: 'A', name: 'Mantle' }));
    expect(
      world.take(first, pim(1, 2, { code: 'A', name: 'Cape' }), pim(1, 3, { code: 'A', name: 'Mantle' })),
    ).toEqual([]);
    expect(world.decision).toEqual({
      changes: [],
      contributions: [],
      golden: [],
      denied: [],
      opened: [],
      resolved: [],
    });
  });

  it('clears what a system had supplied and does not mention any more', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A', name: 'Coat' }));
    expect(world.take(pim(1, 2, { code: 'A' }))).toEqual(['u product A #1 v2']);
    expect(world.of(1).attributes).toEqual({ code: 'A', name: null });
  });

  it('ends when the system that says that it exists says that it is gone', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }), plm(1, 1, { code: 'A', season: 'SS26' }));
    const [change] = world.commit([pim(1, 2, null)]);
    expect(change).toMatchObject({
      op: 'd',
      version: 3,
      after: null,
      before: { version: 2 },
      provenance: [],
    });
    expect(world.take(plm(1, 2, { code: 'A', season: 'FW26' }))).toEqual([]);
  });

  it('returns with the next version and what others said meanwhile', () => {
    const world = new CatalogWorld();
    world.take(
      pim(1, 1, { code: 'A', name: 'Coat' }),
      pim(1, 2, null),
      plm(1, 1, { code: 'A', season: 'FW26' }),
    );
    expect(world.take(pim(1, 3, { code: 'A' }))).toEqual(['c product A #1 v3']);
    expect(world.of(1).attributes).toEqual({ code: 'A', name: null, season: 'FW26' });
    expect(world.provenanceOf(1)).toMatchObject({ code: 'plytix 1 3', name: 'plytix 1 3' });
  });

  it('has null for what a system owned whose own record is gone', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }), plm(1, 1, { code: 'A', season: 'SS26' }));
    expect(world.take(plm(1, 2, null))).toEqual(['u product A #1 v3']);
    expect(world.of(1).attributes).toEqual({ code: 'A', season: null });
    expect(world.provenanceOf(1)).toMatchObject({ season: 'centric 1 2' });
  });

  it('follows a hand-over by condition, in the event that meets the condition', () => {
    const world = new CatalogWorld();
    world.take(
      plm(1, 1, { code: 'A', description: 'as designed' }),
      pim(1, 1, { code: 'A', status: 'draft', description: 'as sold' }),
    );
    expect(world.of(1).attributes.description).toBe('as designed');
    world.take(pim(1, 2, { code: 'A', status: 'released', description: 'as sold' }));
    expect(world.of(1).attributes.description).toBe('as sold');
    expect(world.provenanceOf(1).description).toBe('plytix 1 1');
  });

  it('is re-keyed when its code changes', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }));
    expect(world.take(pim(1, 2, { code: 'B' }))).toEqual(['d product A #1 v2 → B', 'c product B #1 v3 ← A']);
  });

  it('gives one event for each source event that changes it, also within one batch', () => {
    const world = new CatalogWorld();
    expect(
      world.take(
        pim(1, 1, { code: 'A', name: '1' }),
        pim(1, 2, { code: 'A', name: '2' }),
        pim(1, 3, { code: 'A', name: '2', gtin: '4' }),
        pim(1, 4, null),
        pim(1, 5, { code: 'A', name: '2' }),
      ),
    ).toEqual(['c product A #1 v1', 'u product A #1 v2', 'd product A #1 v3', 'c product A #1 v4']);
  });
});

describe('a golden variant', () => {
  const tree = (): CatalogWorld => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }), pimVariant(2, 1, 1, { sku: 'S', product: 'A', size: 'M' }));
    return world;
  };

  it('waits for its product', () => {
    const world = new CatalogWorld();
    expect(world.take(pimVariant(2, 1, 1, { sku: 'S', product: 'A' }))).toEqual([]);
    expect(world.take(pim(1, 1, { code: 'A' }))).toEqual(['c product A #1 v1', 'c variant A/S #2 v1']);
  });

  it('ends before its product and returns after it', () => {
    const world = tree();
    expect(world.take(pim(1, 2, null))).toEqual(['d variant A/S #2 v2', 'd product A #1 v2']);
    expect(world.take(pim(1, 3, { code: 'A' }))).toEqual(['c product A #1 v3', 'c variant A/S #2 v3']);
  });

  it('is re-keyed with its product, between the end and the beginning of that', () => {
    const world = tree();
    expect(world.take(pim(1, 2, { code: 'B' }))).toEqual([
      'd variant A/S #2 v2 → B/S',
      'd product A #1 v2 → B',
      'c product B #1 v3 ← A',
      'c variant B/S #2 v3 ← A/S',
    ]);
    expect(world.of(2).attributes).toMatchObject({ product: 'B', sku: 'S' });
  });

  it('takes no part in a change of its product that does not concern it', () => {
    const world = tree();
    expect(world.take(pim(1, 2, { code: 'A', name: 'Coat' }))).toEqual(['u product A #1 v2']);
  });

  it('names its product by the golden code, whatever its own source says', () => {
    const world = tree();
    world.take(pimVariant(2, 1, 2, { sku: 'S', product: 'an old code', size: 'M' }));
    expect(world.of(2).attributes.product).toBe('A');
  });

  it('moves to another product as one re-key, into its partition', () => {
    const world = new CatalogWorld(1_000);
    world.take(
      pim(1, 1, { code: 'A' }),
      pim(3, 1, { code: 'B' }),
      pimVariant(2, 1, 1, { sku: 'S', product: 'A' }),
    );
    const changes = world.commit([pimVariant(2, 3, 3, { sku: 'S', product: 'B' })]);
    expect(changes.map(({ op, partition, productId }) => [op, partition, productId])).toEqual([
      ['d', world.of(1).partition, hub(1)],
      ['c', world.of(3).partition, hub(3)],
    ]);
    expect(world.of(1).partition).not.toBe(world.of(3).partition);
  });

  it('is updated when its product is another one, though code and place are the same', () => {
    const world = tree();
    world.take(pim(1, 2, { code: 'B' }));
    world.take(pim(3, 1, { code: 'B' }));
    const changes = world.commit([pimVariant(2, 3, 2, { sku: 'S', product: 'B', size: 'M' })]);
    expect(changes).toMatchObject([{ op: 'u', productId: hub(3), before: { productId: hub(1) } }]);
    expect(world.stream.violations).toEqual([]);
  });

  it('ends when it moves to a product that is not there, and returns with that', () => {
    const world = tree();
    expect(world.take(pimVariant(2, 3, 2, { sku: 'S', product: 'C', size: 'M' }))).toEqual([
      'd variant A/S #2 v2',
    ]);
    expect(world.take(pim(3, 1, { code: 'C' }))).toEqual(['c product C #3 v1', 'c variant C/S #2 v3']);
    expect(world.take(pim(1, 2, null))).toEqual(['d product A #1 v2']);
  });

  it('takes attributes of other systems by its SKU', () => {
    const world = tree();
    expect(world.take(plmVariant(2, 1, 1, { sku: 'S', product: 'A', composition: 'wool' }))).toEqual([
      'u variant A/S #2 v2',
    ]);
    expect(world.provenanceOf(2).composition).toBe('centric 2 1');
  });

  it('stays where its owner says, and an exception names the system that says otherwise', () => {
    const world = tree();
    world.take(pim(3, 1, { code: 'B' }));
    expect(world.take(plmVariant(2, 3, 1, { sku: 'S', product: 'B' }))).toEqual([]);
    expect(world.of(2).productId).toBe(hub(1));
    expect(world.decision?.opened).toEqual([
      expect.objectContaining({
        class: 'hierarchy_mismatch',
        severity: 'warning',
        hubId: hub(2),
        recordKey: 'S',
        message:
          'placing variant "S": it belongs to product "A", but centric says B. Correct the systems that differ.',
      }),
    ]);
    world.take(plmVariant(2, 1, 2, { sku: 'S', product: 'A' }));
    expect(world.decision).toMatchObject({
      opened: [],
      resolved: [{ class: 'hierarchy_mismatch', hubId: hub(2) }],
    });
  });
});

describe('codes that move between golden records', () => {
  it('leave a repeat of whoever stands where the other one ended', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A' }), pim(2, 1, { code: 'B' }));
    world.take(pim(1, 3, { code: 'B' }));
    world.take(pim(2, 3, { code: 'A' }));
    expect(world.stream.violations).toEqual([]);
    expect(world.stream.live().map((c) => `${c.op} ${c.key.code} ${c.hubId}`)).toEqual([
      `r B ${hub(1)}`,
      `c A ${hub(2)}`,
    ]);
  });
});

describe('a hard denial', () => {
  it('keeps the value out of the contribution and as an audit record with the rule`s line', () => {
    const world = new CatalogWorld();
    const stock = { kind: 'long', long: 4 } as const;
    world.take(pim(1, 1, { code: 'A', 'inventory.stock': stock }));
    expect(world.contributions.get(hub(1))?.get('plytix')?.attributes).toEqual({ code: 'A' });
    const line = RULES.split('\n').findIndex((text) => text.includes('inventory.*')) + 1;
    expect(world.decision?.denied).toEqual([
      {
        system: 'plytix',
        entity: 'product',
        hubId: hub(1),
        attribute: 'inventory.stock',
        value: stock,
        eventId: 'plytix 1 1',
        rule: `ownership.yaml:${line}`,
      },
    ]);
  });

  it('says nothing of an empty value', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A', 'inventory.stock': null }));
    expect(world.decision?.denied).toEqual([]);
  });
});

describe('folding again', () => {
  it('gives events only for what the new rules change, and remembers the rules', () => {
    const world = new CatalogWorld();
    world.take(pim(1, 1, { code: 'A', name: 'Coat' }), pim(2, 1, { code: 'B' }));
    world.take(plm(1, 1, { code: 'A', name: 'Manteau' }));
    world.rules = rulesOf(RULES.replace('name: plytix', 'name: centric'));
    world.rulesVersion = 2;
    const changes = world.commit([], [hub(1), hub(2)]);
    expect(changes.map(({ op, version, after }) => [op, version, after?.name])).toEqual([
      ['u', 2, 'Manteau'],
    ]);
    expect(world.of(1).rulesVersion).toBe(2);
    expect(world.stream.violations).toEqual([]);
  });

  it('reaches the variants of the products that it is asked for', () => {
    const world = new CatalogWorld();
    world.take(
      pim(1, 1, { code: 'A' }),
      pimVariant(2, 1, 1, { sku: 'S', product: 'A', composition: 'wool' }),
    );
    world.rules = rulesOf(RULES.replace('composition: centric', 'composition: plytix'));
    expect(world.commit([], [hub(1)]).map(({ entity, after }) => [entity, after?.composition])).toEqual([
      ['variant', 'wool'],
    ]);
  });
});
