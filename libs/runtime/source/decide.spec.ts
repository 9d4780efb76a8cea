import { gone, hub, product, variant, VendorWorld } from './vendor-world';

describe('a record from first to last', () => {
  it('begins with a create', () => {
    const world = new VendorWorld();
    expect(world.see(product('p1', 'A', { name: 'Coat' }))).toEqual(['c product A #1 v1']);
    expect(world.decision?.changes[0]).toMatchObject({
      before: null,
      after: { code: 'A', name: 'Coat' },
      hubId: hub(1),
      productId: hub(1),
      vendorId: 'p1',
      changedAtMs: 1_000,
    });
  });

  it('begins with a read while a snapshot is taken', () => {
    const world = new VendorWorld();
    expect(world.seeSnapshot(product('p1', 'A'), variant('v1', 'A-1', 'p1'))).toEqual([
      'r product A #1 v1',
      'r variant A/A-1 #2 v1',
    ]);
  });

  it('is silent when nothing changed, however often it is seen', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    expect(world.see(product('p1', 'A', { name: 'Coat' }), product('p1', 'A', { name: 'Coat' }))).toEqual([]);
    expect(world.seeSnapshot(product('p1', 'A', { name: 'Coat' }))).toEqual([]);
  });

  it('is updated with the state before, also while a snapshot is taken', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    expect(world.seeSnapshot(product('p1', 'A', { name: 'Mantle' }))).toEqual(['u product A #1 v2']);
    expect(world.decision?.changes[0]?.before).toEqual({
      attributes: { code: 'A', name: 'Coat' },
      version: 1,
      productId: hub(1),
    });
  });

  it('tells cleared from never supplied', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    world.see(product('p1', 'A'));
    expect(world.state('product', 'p1').published).toEqual({ code: 'A', name: null });
  });

  it('keeps the last-known value of an attribute that could not be mapped', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat', brand: 'Nord' }));
    const unreadable = { ...product('p1', 'A', { name: 'Mantle' }), kept: ['brand', 'season'] };
    expect(world.see(unreadable)).toEqual(['u product A #1 v2']);
    expect(world.state('product', 'p1').published).toEqual({ code: 'A', name: 'Mantle', brand: 'Nord' });
  });

  it('ends with a delete that carries its last state', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    expect(world.see(gone('product', 'p1'))).toEqual(['d product A #1 v2']);
    expect(world.decision?.changes[0]).toMatchObject({
      before: { attributes: { code: 'A', name: 'Coat' }, version: 1 },
      after: null,
    });
  });

  it('is silent when it is gone again, or was never there', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    expect(world.see(gone('product', 'p1'), gone('product', 'stranger'))).toEqual([]);
  });

  it('returns under its hub_id with a higher sequence, and what it had supplied before is cleared', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    world.see(gone('product', 'p1'));
    expect(world.see(product('p1', 'A'))).toEqual(['c product A #1 v3']);
    expect(world.state('product', 'p1').published).toEqual({ code: 'A', name: null });
  });

  it('returns under its hub_id also with another code', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    expect(world.see(product('p1', 'B'))).toEqual(['c product B #1 v3']);
  });

  it('returns under its hub_id when another vendor id brings the code again', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    expect(world.see(product('p2', 'A'))).toEqual(['c product A #1 v3']);
  });

  it.each([
    ['the end is seen first', [gone('product', 'p1'), product('p2', 'A')]],
    ['the newcomer is seen first', [product('p2', 'A'), gone('product', 'p1')]],
  ])('goes over to another vendor id in one page as an end and a beginning, when %s', (_, page) => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    expect(world.see(...page)).toEqual(['d product A #1 v2', 'c product A #1 v3']);
  });

  it('that is gone and there again within one page only shows what changed', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A', { name: 'Coat' }));
    expect(world.see(gone('product', 'p1'), product('p1', 'A', { name: 'Coat' }))).toEqual([]);
    expect(world.see(gone('product', 'p1'), product('p1', 'A', { name: 'Mantle' }))).toEqual([
      'u product A #1 v2',
    ]);
  });

  it('that comes back after another vendor id has taken its place and its code is a newcomer', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    world.see(product('p2', 'A'));
    expect(world.see(product('p1', 'B'))).toEqual(['c product B #2 v1']);
  });

  it('republishes what did not change, with the version that it has, when a snapshot was asked for', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B', { name: 'Coat' }));
    const changes = world.commit([product('p1', 'A'), product('p2', 'B', { name: 'Mantle' })], {
      snapshot: true,
      republishUnchanged: true,
    });
    expect(world.tell(changes)).toEqual(['r product A #1 v1', 'u product B #2 v2']);
    expect(changes[0]).toMatchObject({ before: null, after: { code: 'A' } });
  });
});

describe('renames and re-keys', () => {
  it('renames as an end at the old key and a beginning at the new one, under one hub_id', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    expect(world.see(product('p1', 'B'))).toEqual(['d product A #1 v2 → B', 'c product B #1 v3 ← A']);
  });

  it('re-keys a code that changes only by case, for the key is verbatim', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'coat'), variant('v1', 'S', 'p1'));
    expect(world.see(product('p1', 'Coat'))).toEqual([
      'd variant coat/S #2 v2 → Coat/S',
      'd product coat #1 v2 → Coat',
      'c product Coat #1 v3 ← coat',
      'c variant Coat/S #2 v3 ← coat/S',
    ]);
  });

  it('lets the old code name the record for other systems until it is given away', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    expect(world.name('product', 'a')).toBe(hub(1));
    expect(world.name('product', 'b')).toBe(hub(1));
  });

  it("re-keys 300 variants with their product's rename, in one decision, without reading them", () => {
    const world = new VendorWorld({ partitions: 6 });
    const variants = Array.from({ length: 300 }, (_, i) => variant(`v${i}`, `S${i}`, 'p1', { size: `${i}` }));
    world.see(product('p1', 'A'), ...variants);
    const changes = world.commit([product('p1', 'B')]);
    expect(world.tell(changes)).toHaveLength(602);
    expect(changes.map((change) => `${change.op} ${change.entity}`)).toEqual([
      ...Array.from({ length: 300 }, () => 'd variant'),
      'd product',
      'c product',
      ...Array.from({ length: 300 }, () => 'c variant'),
    ]);
    expect(changes.at(-1)).toMatchObject({
      key: { product: 'B', sku: 'S299' },
      oldKey: { product: 'A', sku: 'S299' },
      after: { product: 'B', sku: 'S299', size: '299' },
    });
    expect(new Set(changes.map((change) => change.partition)).size).toBe(1);
  });

  it('moves a variant to another product as one re-key, to that product`s partition', () => {
    const world = new VendorWorld({ partitions: 1_000 });
    world.see(product('p1', 'A'), product('p2', 'B'), variant('v1', 'S', 'p1'));
    expect(world.see(variant('v1', 'S', 'p2'))).toEqual([
      'd variant A/S #3 v2 → B/S',
      'c variant B/S #3 v3 ← A/S',
    ]);
    const [from, to] = world.decision!.changes;
    expect(from).toMatchObject({
      productId: hub(1),
      partition: world.records.get(`product\0${hub(1)}`)!.partition,
    });
    expect(to).toMatchObject({
      productId: hub(2),
      partition: world.records.get(`product\0${hub(2)}`)!.partition,
    });
    expect(from!.partition).not.toBe(to!.partition);
  });

  it('updates a variant whose product is another one, though code and place are the same', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    const changes = world.commit([product('p1', 'B'), product('p2', 'A'), variant('v1', 'S', 'p2')]);
    expect(world.tell(changes)).toEqual([
      'd product A #1 v2 → B',
      'c product B #1 v3 ← A',
      'c product A #4 v1',
      'u variant A/S #2 v2',
    ]);
    expect(changes.at(-1)).toMatchObject({ productId: hub(4), before: { productId: hub(1) } });
  });

  it('takes the variants along when their product comes back as a newcomer under the code that it had', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    world.see(gone('product', 'p1'));
    world.see(product('p2', 'A'));
    world.see(product('p2', 'B'));
    const changes = world.commit([product('p1', 'A')]);
    expect(world.tell(changes)).toEqual(['c product A #4 v1', 'u variant A/S #2 v2']);
    expect(changes[1]).toMatchObject({ productId: hub(4), before: { productId: hub(1) } });
  });
});

describe('a swap of two codes', () => {
  it('within one page is two re-keys: first what ends, then what begins', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'));
    expect(world.see(product('p1', 'B'), product('p2', 'A'))).toEqual([
      'd product A #1 v2 → B',
      'd product B #2 v2 → A',
      'c product B #1 v3 ← A',
      'c product A #2 v3 ← B',
    ]);
    expect(world.held()).toEqual([]);
  });

  it('over two pages holds the first until the second gives way; its last record stands meanwhile', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'));
    expect(world.see(product('p1', 'B', { name: 'Coat' }))).toEqual([]);
    expect(world.held()).toEqual(['product p1 duplicate_key']);
    expect(world.state('product', 'p1').published).toEqual({ code: 'A' });
    expect(world.see(product('p2', 'A'))).toEqual([
      'd product B #2 v2 → A',
      'd product A #1 v2 → B',
      'c product A #2 v3 ← B',
      'c product B #1 v3 ← A',
    ]);
    expect(world.held()).toEqual([]);
    expect(world.open()).toEqual([]);
  });

  it('of three codes in a ring over three pages ends with each under its own hub_id', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'), product('p3', 'C'));
    world.see(product('p1', 'B'));
    world.see(product('p2', 'C'));
    world.see(product('p3', 'A'));
    expect(world.held()).toEqual([]);
    expect(['a', 'b', 'c'].map((code) => world.name('product', code))).toEqual([hub(3), hub(1), hub(2)]);
    expect(
      world.stream
        .live()
        .map((c) => `${c.key.code} ${c.hubId}`)
        .sort(),
    ).toEqual([`A ${hub(3)}`, `B ${hub(1)}`, `C ${hub(2)}`]);
  });

  it('of two SKUs between two products keeps each variant with its hub_id', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'), variant('v1', 'S', 'p1'), variant('v2', 'T', 'p2'));
    expect(world.see(variant('v1', 'T', 'p1'), variant('v2', 'S', 'p2'))).toEqual([
      'd variant A/S #3 v2 → A/T',
      'd variant B/T #4 v2 → B/S',
      'c variant A/T #3 v3 ← A/S',
      'c variant B/S #4 v3 ← B/T',
    ]);
  });
});

describe('a code that two vendor ids claim', () => {
  it.each([
    ['the same code', 'A 1'],
    ['the code in another case', 'a 1'],
    ['the code with other white space', ' A \t 1 '],
  ])('holds the later one that claims %s, with an exception that names both', (_, code) => {
    const world = new VendorWorld();
    world.see(product('p1', 'A 1'));
    expect(world.see(product('p2', code))).toEqual([]);
    expect(world.held()).toEqual(['product p2 duplicate_key']);
    expect(world.exceptions.get('duplicate_key product p2')).toMatchObject({
      system: 'plytix',
      severity: 'error',
      message: `publishing plytix product p2 ("${code}"): p1 ("A 1") has the same code and came first. Change one of the two in plytix; this one is then released.`,
      original: { vendorId: 'p2', state: { code } },
    });
  });

  it('holds the later one of a page, by the order of the page', () => {
    const world = new VendorWorld();
    expect(world.see(product('z', 'A'), product('a', 'A'))).toEqual(['c product A #1 v1']);
    expect(world.held()).toEqual(['product a duplicate_key']);
  });

  it('releases the held one when the first is gone; it goes on under the same hub_id', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A', { name: 'Coat' }));
    expect(world.see(gone('product', 'p1'))).toEqual(['d product A #1 v2', 'c product A #1 v3']);
    expect(world.open()).toEqual([]);
    expect(world.state('product', 'p2').published).toEqual({ code: 'A', name: 'Coat' });
  });

  it('releases the held one when the first is renamed; it is a new product and the code is its own', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A'));
    expect(world.see(product('p1', 'B'))).toEqual([
      'd product A #1 v2 → B',
      'c product B #1 v3 ← A',
      'c product A #3 v1',
    ]);
    expect(world.name('product', 'a')).toBe(hub(3));
    expect(world.open()).toEqual([]);
  });

  it('releases the held one when it takes a free code itself', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A'));
    expect(world.see(product('p2', 'B'))).toEqual(['c product B #2 v1']);
    expect(world.open()).toEqual([]);
  });

  it('ends the exception of a held one that is gone', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A'));
    expect(world.see(gone('product', 'p2'))).toEqual([]);
    expect(world.open()).toEqual([]);
  });

  it('publishes the newest state on release, not that of the time when it was held', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A', { name: 'Coat' }));
    expect(world.see(product('p2', 'A', { name: 'Mantle' }))).toEqual([]);
    world.see(gone('product', 'p1'));
    expect(world.state('product', 'p2').published).toEqual({ code: 'A', name: 'Mantle' });
  });

  it('releases a chain of three in the order in which they came', () => {
    const world = new VendorWorld();
    world.see(product('p3', 'A'));
    world.see(product('p2', 'A'));
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p3'));
    expect(world.held()).toEqual(['product p1 duplicate_key']);
    world.see(gone('product', 'p2'));
    expect(world.held()).toEqual([]);
    expect(world.state('product', 'p1').hubId).toBe(hub(1));
  });

  it('releases one after the other along a chain in which each waits for the code of the next', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'), product('p3', 'C'));
    world.see(product('p1', 'B'), product('p2', 'C'));
    expect(world.held()).toEqual(['product p2 duplicate_key']);
    // p1 stands at B already, where p2 leaves its tombstone.
    expect(world.see(gone('product', 'p3'))).toEqual([
      'd product C #3 v2',
      'd product B #2 v2 → C',
      'c product C #2 v3 ← B',
      'r product B #1 v3',
    ]);
  });

  it('ends a held record where its last state stands when it is gone', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'));
    world.see(product('p1', 'B'));
    expect(world.see(gone('product', 'p1'))).toEqual(['d product A #1 v2']);
  });

  it('repeats the record that stands where another one ends', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'));
    world.see(product('p1', 'B'));
    // p1 waits for B while its last record stands at A, where a new product comes.
    expect(world.see(product('p3', 'A'))).toEqual(['c product A #3 v1']);
    expect(world.see(gone('product', 'p1'))).toEqual(['d product A #1 v2', 'r product A #3 v1']);
  });

  it('lets the vendor id that publishes keep its hub_id when a former one comes back and is held', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    world.see(product('p2', 'A'));
    world.see(product('p1', 'A'));
    expect(world.held()).toEqual(['product p1 duplicate_key']);
    expect(world.see(product('p2', 'B'), product('p3', 'C'))).toEqual([
      'd product A #1 v4 → B',
      'c product B #1 v5 ← A',
      'c product C #3 v1',
      'c product A #4 v1',
    ]);
  });

  it('does so in whatever order the claims are settled', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    world.see(product('p2', 'A'));
    world.see(product('p1', 'A'));
    // p3 touches B before p2 takes it, so that B is settled before A.
    world.see(product('p3', 'B'));
    world.see(gone('product', 'p3'), product('p2', 'B'));
    expect(world.state('product', 'p2').hubId).toBe(hub(1));
    expect(world.state('product', 'p1').hubId).not.toBe(hub(1));
  });
});

describe('a code that its owner gives to another product', () => {
  it('goes to the newcomer, which is a new record, when the former product lives on under another code', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    expect(world.see(product('p2', 'A'))).toEqual(['c product A #3 v1']);
    expect(world.decision).toMatchObject({
      newHubs: [{ hubId: hub(3), entity: 'product' }],
      codes: [{ entity: 'product', code: 'a', hubId: hub(3) }],
    });
  });

  it('does so within one page', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    expect(world.see(product('p2', 'A'), product('p1', 'B'))).toEqual([
      'd product A #1 v2 → B',
      'c product A #3 v1',
      'c product B #1 v3 ← A',
    ]);
  });

  it('holds for SKUs as it does for codes', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    world.see(variant('v1', 'T', 'p1'));
    expect(world.see(variant('v2', 'S', 'p1'))).toEqual(['c variant A/S #4 v1']);
  });
});

describe('a system that does not own codes', () => {
  it('re-keys its own record on a rename and leaves the code where it was', () => {
    const world = new VendorWorld({ ownsCode: false });
    world.see(product('p1', 'A'));
    expect(world.see(product('p1', 'B'))).toEqual(['d product A #1 v2 → B', 'c product B #1 v3 ← A']);
    expect(world.decision?.codes).toEqual([]);
    expect(world.name('product', 'b')).toBe(hub(2));
  });

  it('attaches to the record that the code names', () => {
    const world = new VendorWorld({ ownsCode: false });
    const named = world.name('product', 'a');
    world.see(product('p1', 'A'));
    expect(world.state('product', 'p1').hubId).toBe(named);
  });

  it('holds a newcomer whose code names a record for which another of its vendor ids stands', () => {
    const world = new VendorWorld({ ownsCode: false });
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    expect(world.see(product('p2', 'A'))).toEqual([]);
    expect(world.exceptions.get('duplicate_key product p2')?.message).toBe(
      'publishing plytix product p2 ("A"): p1 ("B") stands for the product that this code names. It is released when that one is gone, or when it has another code.',
    );
    expect(world.decision?.newHubs).toEqual([]);
  });

  it('releases that newcomer when the other one is gone', () => {
    const world = new VendorWorld({ ownsCode: false });
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    world.see(product('p2', 'A'));
    expect(world.see(gone('product', 'p1'))).toEqual(['d product B #1 v4', 'c product A #1 v5']);
    expect(world.open()).toEqual([]);
  });

  it('lets the other one have its former code back, though the newcomer claimed it first', () => {
    const world = new VendorWorld({ ownsCode: false });
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    world.see(product('p2', 'A'));
    expect(world.see(product('p1', 'A'))).toEqual(['d product B #1 v4 → A', 'c product A #1 v5 ← B']);
    expect(world.held()).toEqual(['product p2 duplicate_key']);
  });

  it('releases that newcomer when it is seen after the owner gave the code to a new product', () => {
    const world = new VendorWorld({ ownsCode: false });
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    world.see(product('p2', 'A'));
    world.giveAway('product', 'a');
    expect(world.see(product('p2', 'A'))).toEqual(['c product A #3 v1']);
  });
});

describe('a variant and its product', () => {
  it('is held while its product is not known, and released when that arrives, in one decision', () => {
    const world = new VendorWorld();
    expect(world.see(variant('v1', 'S', 'p1'))).toEqual([]);
    expect(world.exceptions.get('identity_unresolved variant v1')).toMatchObject({
      severity: 'warning',
      message:
        'placing plytix variant v1 ("S"): its product p1 is not known yet. It is released when the product arrives.',
    });
    expect(world.see(product('p1', 'A'))).toEqual(['c product A #2 v1', 'c variant A/S #1 v1']);
    expect(world.open()).toEqual([]);
  });

  it('is held when it names no product', () => {
    const world = new VendorWorld();
    expect(world.see(variant('v1', 'S', null))).toEqual([]);
    expect(world.exceptions.get('identity_unresolved variant v1')?.message).toBe(
      'placing plytix variant v1 ("S"): it names no product. It is released when it does.',
    );
  });

  it('comes in one page before its product and is published after it', () => {
    const world = new VendorWorld();
    expect(world.see(variant('v1', 'S', 'p1'), product('p1', 'A'))).toEqual([
      'c product A #2 v1',
      'c variant A/S #1 v1',
    ]);
  });

  it('waits with a product that is held, and is released with it', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'A'), variant('v2', 'S', 'p2'));
    expect(world.held()).toEqual(['product p2 duplicate_key', 'variant v2 identity_unresolved']);
    expect(world.see(product('p1', 'B'))).toEqual([
      'd product A #1 v2 → B',
      'c product B #1 v3 ← A',
      'c product A #4 v1',
      'c variant A/S #2 v1',
    ]);
    expect(world.open()).toEqual([]);
  });

  it('does not slip under the product that took the place of its own', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(gone('product', 'p1'));
    world.see(product('p2', 'A'));
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    expect(world.held()).toEqual(['product p1 duplicate_key', 'variant v1 identity_unresolved']);
  });

  it('stands where it stood while the product to which it moves is not known', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    expect(world.see(variant('v1', 'S', 'p2', { size: 'L' }))).toEqual([]);
    expect(world.held()).toEqual(['variant v1 identity_unresolved']);
    expect(world.see(product('p2', 'B'))).toEqual([
      'd variant A/S #2 v2 → B/S',
      'c product B #3 v1',
      'c variant B/S #2 v3 ← A/S',
    ]);
  });

  it('is held as a duplicate when another variant has its SKU, whatever the products', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), product('p2', 'B'), variant('v1', 'S', 'p1'));
    expect(world.see(variant('v2', ' s', 'p2'))).toEqual([]);
    expect(world.held()).toEqual(['variant v2 duplicate_key']);
  });

  it('ends before its product when both are gone', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    expect(world.see(gone('product', 'p1'), gone('variant', 'v1'))).toEqual([
      'd variant A/S #2 v2',
      'd product A #1 v2',
    ]);
  });

  it('begins after its product when both return', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    world.see(gone('product', 'p1'), gone('variant', 'v1'));
    expect(world.see(variant('v1', 'S', 'p1'), product('p1', 'A'))).toEqual([
      'c product A #1 v3',
      'c variant A/S #2 v3',
    ]);
  });

  it('stays where it stands when only its product is gone, and can still be changed and ended', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    expect(world.see(gone('product', 'p1'))).toEqual(['d product A #1 v2']);
    expect(world.see(variant('v1', 'S', 'p1', { size: 'L' }))).toEqual(['u variant A/S #2 v2']);
    expect(world.see(gone('variant', 'v1'))).toEqual(['d variant A/S #2 v3']);
  });

  it('follows its product when that returns under another code', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'), variant('v1', 'S', 'p1'));
    world.see(gone('product', 'p1'));
    expect(world.see(product('p1', 'B'))).toEqual([
      'd variant A/S #2 v2 → B/S',
      'c product B #1 v3',
      'c variant B/S #2 v3 ← A/S',
    ]);
  });
});

describe('one vendor id that is a product and then a variant', () => {
  it('ends as a product when it is made a variant', () => {
    const world = new VendorWorld();
    world.see(product('x', 'A'), product('p', 'B'));
    expect(world.see(variant('x', 'A', 'p'))).toEqual(['d product A #1 v2', 'c variant B/A #3 v1']);
  });

  it('ends as a variant when it is made a product, and returns as the product that it was', () => {
    const world = new VendorWorld();
    world.see(product('x', 'A'), product('p', 'B'));
    world.see(variant('x', 'A', 'p'));
    expect(world.see(product('x', 'A'))).toEqual(['d variant B/A #3 v2', 'c product A #1 v3']);
  });

  it('frees the SKU for whoever waited for it', () => {
    const world = new VendorWorld();
    world.see(product('p', 'B'), variant('x', 'S', 'p'), variant('v', 'S', 'p'));
    world.see(product('x', 'S'));
    expect(world.held()).toEqual([]);
    expect(world.state('variant', 'v').published).toEqual({ product: 'B', sku: 'S' });
  });
});

describe('a decision', () => {
  it('tells an end at the time of the end, and never goes back in time', () => {
    const world = new VendorWorld();
    world.see({ ...product('p1', 'A'), changedAtMs: 5_000 });
    const [ended] = world.commit([{ ...gone('product', 'p1'), changedAtMs: 4_000 }]);
    expect(ended?.changedAtMs).toBe(5_000);
  });

  it('says nothing of an empty page', () => {
    const world = new VendorWorld();
    expect(world.see()).toEqual([]);
    expect(world.decision).toEqual({
      changes: [],
      states: [],
      records: [],
      newHubs: [],
      codes: [],
      opened: [],
      resolved: [],
    });
  });

  it('lists each record once, as it is in the end', () => {
    const world = new VendorWorld();
    world.see(product('p1', 'A'));
    world.see(product('p1', 'B'));
    expect(world.decision?.records).toEqual([
      expect.objectContaining({ hubId: hub(1), sequence: 3, live: true, key: { code: 'B' } }),
    ]);
  });
});
