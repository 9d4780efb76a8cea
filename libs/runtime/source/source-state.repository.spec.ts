import { gone, product, variant, VendorWorld } from './vendor-world';
import type { SeenRecord } from './source-model';

/** Plays pages with what the loader reads for each; tells what the last one published. */
async function play(world: VendorWorld, ...pages: SeenRecord[][]): Promise<string[]> {
  let told: string[] = [];
  for (const page of pages) told = world.tell(await world.commitLoaded(page));
  return told;
}

describe('what is read for a page', () => {
  it('has the variants of a product that is renamed', async () => {
    const world = new VendorWorld();
    const tree = [product('p1', 'A'), variant('v1', 'S', 'p1')];
    expect(await play(world, tree, [product('p1', 'B')])).toHaveLength(4);
  });

  it('has who waits for a code that is given up, and the variants that wait with it', async () => {
    const world = new VendorWorld();
    const waiting = [product('p2', 'A'), variant('v2', 'S', 'p2')];
    expect(await play(world, [product('p1', 'A')], waiting, [product('p1', 'B')])).toEqual([
      'd product A #1 v2 → B',
      'c product B #1 v3 ← A',
      'c product A #4 v1',
      'c variant A/S #2 v1',
    ]);
  });

  it('has who waits for the record of a vendor id that is gone, under whatever code', async () => {
    const world = new VendorWorld({ ownsCode: false });
    const renamed = [[product('p1', 'A')], [product('p1', 'B')]];
    expect(await play(world, ...renamed, [product('p2', 'A')], [gone('product', 'p1')])).toEqual([
      'd product B #1 v4',
      'c product A #1 v5',
    ]);
  });

  it('has who waits for the record of a vendor id that becomes something else', async () => {
    const world = new VendorWorld({ ownsCode: false });
    const renamed = [[product('p1', 'A'), product('p', 'P')], [product('p1', 'B')]];
    await play(world, ...renamed, [product('p2', 'A')], [variant('p1', 'S', 'p')]);
    expect(world.held()).toEqual([]);
  });

  it('has the vendor id that is bound to the record which a code names, also when nothing of it stands', async () => {
    const world = new VendorWorld();
    await play(
      world,
      [variant('v1', 'S', 'later')],
      [variant('v1', 'T', 'later')],
      [variant('v2', 'S', 'later')],
    );
    expect(world.state('variant', 'v1').hubId).not.toBe(world.state('variant', 'v2').hubId);
  });

  it('has whoever stands where a record ends', async () => {
    const world = new VendorWorld();
    const both = [product('p1', 'A'), product('p2', 'B')];
    // p1 waits for B and still stands at A, where p3 comes.
    expect(
      await play(world, both, [product('p1', 'B')], [product('p3', 'A')], [gone('product', 'p3')]),
    ).toEqual(['d product A #3 v2', 'r product A #1 v1']);
  });

  it('has nothing of products that no observation concerns', async () => {
    const world = new VendorWorld();
    await play(world, [product('p1', 'A'), product('p2', 'B'), variant('v2', 'S', 'p2')]);
    const set = await world.load([product('p1', 'A', { name: 'Coat' })]);
    expect([...set.states.values()].map((state) => state.vendorId)).toEqual(['p1']);
    expect([...set.records.values()].map((record) => record.vendorId)).toEqual(['p1']);
  });
});
