import fc from 'fast-check';
import { normaliseCode } from '#contracts';
import { codeKey } from '#store';
import type { RecordChange } from '../commit/record-change';
import type { SeenRecord, SourceState } from './source-model';
import { gone, product, variant, VendorWorld } from './vendor-world';
import type { WorldOptions } from './vendor-world';

/** What happens at a vendor. Numbers are taken modulo what there is to choose from. */
type Step =
  | { kind: 'product'; id: number; code: number; name: number }
  | { kind: 'variant'; id: number; code: number; parent: number; name: number }
  | { kind: 'remove'; id: number; withVariants: boolean }
  | { kind: 'removeVariant'; id: number }
  | { kind: 'swap'; id: number; other: number }
  | { kind: 'turn'; id: number; code: number; parent: number }
  | { kind: 'reread' }
  | { kind: 'cut'; again: boolean };

const PRODUCTS = ['p1', 'p2', 'p3', 'x'];
const VARIANTS = ['v1', 'v2', 'v3', 'x'];
const CODES = ['A', 'B', 'C', ' a'];
const SKUS = ['S', 'T', 'U', 's '];
const at = (list: readonly string[], n: number): string => list[n % list.length]!;

const digit = fc.nat({ max: 3 });
const cut = fc.record({ kind: fc.constant('cut' as const), again: fc.boolean() });
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('product' as const), id: digit, code: digit, name: digit }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('variant' as const),
        id: digit,
        code: digit,
        parent: digit,
        name: digit,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('remove' as const), id: digit, withVariants: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('removeVariant' as const), id: digit }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap' as const), id: digit, other: digit }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('turn' as const), id: digit, code: digit, parent: digit }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reread' as const) }) },
    { weight: 9, arbitrary: cut },
  ),
  { maxLength: 40 },
);

interface Entry {
  entity: 'product' | 'variant';
  id: string;
  code: string;
  parent: string | null;
  name: string;
}

/** A vendor with few ids and few codes, and the pages in which its changes are observed. */
class Vendor {
  readonly entries = new Map<string, Entry>();
  private page: SeenRecord[] = [];

  do(step: Step): void {
    switch (step.kind) {
      case 'product':
        return this.put({
          entity: 'product',
          id: at(PRODUCTS, step.id),
          code: at(CODES, step.code),
          parent: null,
          name: `${step.name}`,
        });
      case 'variant':
        return this.put({
          entity: 'variant',
          id: at(VARIANTS, step.id),
          code: at(SKUS, step.code),
          parent: at(PRODUCTS, step.parent),
          name: `${step.name}`,
        });
      case 'remove':
        return this.removeProduct(at(PRODUCTS, step.id), step.withVariants);
      case 'removeVariant':
        return this.remove('variant', at(VARIANTS, step.id));
      case 'swap':
        return this.swap(at(PRODUCTS, step.id), at(PRODUCTS, step.other));
      case 'turn':
        return this.put({
          entity: 'variant',
          id: 'x',
          code: at(SKUS, step.code),
          parent: at(PRODUCTS, step.parent),
          name: '',
        });
      case 'reread':
        for (const entry of this.entries.values()) this.observe(entry);
        return;
      case 'cut':
        return;
    }
  }

  /** Everything that happened since the last page, as observed: the state at the time of each change. */
  takePage(): SeenRecord[] {
    return this.page.splice(0);
  }

  /** No two records claim one code, and each variant's product is there. */
  isFreeOfConflicts(): boolean {
    const all = [...this.entries.values()];
    const claims = new Set(all.map((entry) => `${entry.entity} ${normaliseCode(entry.code)}`));
    return (
      claims.size === all.length &&
      all.every((e) => e.parent === null || this.entries.has(`product ${e.parent}`))
    );
  }

  /** What should be published once nothing is held. */
  wanted(): string[] {
    return [...this.entries.values()]
      .map(({ entity, id, code, parent, name }) => {
        const of = parent === null ? '' : `${this.entries.get(`product ${parent}`)?.code}/`;
        return `${entity} ${id} ${of}${code} ${name}`;
      })
      .sort();
  }

  private put(entry: Entry): void {
    // One id is one thing: a product that becomes a variant is a product no more.
    this.entries.delete(`${entry.entity === 'product' ? 'variant' : 'product'} ${entry.id}`);
    this.entries.set(`${entry.entity} ${entry.id}`, entry);
    this.observe(entry);
  }

  private observe({ entity, id, code, parent, name }: Entry): void {
    this.page.push(entity === 'product' ? product(id, code, { name }) : variant(id, code, parent, { name }));
  }

  private remove(entity: 'product' | 'variant', id: string): void {
    if (this.entries.delete(`${entity} ${id}`)) this.page.push(gone(entity, id));
  }

  private removeProduct(id: string, withVariants: boolean): void {
    this.remove('product', id);
    if (!withVariants) return;
    for (const entry of this.entries.values()) if (entry.parent === id) this.remove('variant', entry.id);
  }

  private swap(a: string, b: string): void {
    const [first, second] = [this.entries.get(`product ${a}`), this.entries.get(`product ${b}`)];
    if (!first || !second || a === b) return;
    this.put({ ...first, code: second.code });
    this.put({ ...second, code: first.code });
  }
}

function published(changes: readonly RecordChange[]): string[] {
  return changes
    .map(
      ({ entity, vendorId, key, after }) =>
        `${entity} ${vendorId} ${Object.values(key).join('/')} ${String(after?.name)}`,
    )
    .sort();
}

/** What must hold of the states themselves, whatever the vendor did. */
function stateProblems(world: VendorWorld): string[] {
  const states = [...world.states.values()];
  const occupied = new Map<string, string>();
  return states.flatMap((state) => {
    const name = `${state.entity} ${state.vendorId}`;
    const problems: string[] = [];
    if (state.published !== null) {
      const record = [...world.records.values()].find(
        (r) => r.hubId === state.hubId && r.entity === state.entity,
      );
      if (!record?.live || record.vendorId !== state.vendorId)
        problems.push(`${name} is published, but has no record`);
      const other = occupied.get(`${state.entity} ${state.hubId}`);
      if (other) problems.push(`${name} and ${other} are published under one hub_id`);
      occupied.set(`${state.entity} ${state.hubId}`, name);
    }
    if (!state.live && (state.published || state.held || state.claim))
      problems.push(`${name} is gone, but stands`);
    if (state.live && state.held === null && state.published === null) problems.push(`${name} is lost`);
    const holds = (s: SourceState): boolean => s.live && s.held !== 'duplicate_key';
    const sharing = states.filter((s) => holds(s) && s.entity === state.entity && s.claim === state.claim);
    if (holds(state) && sharing.length > 1) problems.push(`${name} shares its code`);
    if (state.held === 'duplicate_key' && !hasRival(world, states, state))
      problems.push(`${name} is held for nothing`);
    const open = world.open().filter((e) => e.endsWith(` ${name}`));
    const expected = state.held ? [`${state.held} ${name}`] : [];
    if (open.join() !== expected.join())
      problems.push(`${name} is held: ${state.held}, but open is ${open.join()}`);
    return problems;
  });
}

function hasRival(world: VendorWorld, states: readonly SourceState[], held: SourceState): boolean {
  const named = world.identities.get(codeKey(held.entity, held.claim!));
  return states.some(
    (other) =>
      other !== held &&
      other.live &&
      other.entity === held.entity &&
      ((other.claim === held.claim && other.held !== 'duplicate_key') || other.hubId === named),
  );
}

type Commit = (page: readonly SeenRecord[]) => RecordChange[] | Promise<RecordChange[]>;

/** Plays a history and checks after each page. */
async function play(world: VendorWorld, history: readonly Step[], commit: Commit): Promise<void> {
  const vendor = new Vendor();
  for (const step of [...history, { kind: 'cut' as const, again: true }]) {
    vendor.do(step);
    if (step.kind !== 'cut') continue;
    const page = vendor.takePage();
    await commit(page);
    expectSound(world, vendor);
    if (!step.again) continue;
    await commit(page);
    expectSound(world, vendor);
    // Read in an overlap window: every record as it is now.
    vendor.do({ kind: 'reread' });
    expect(world.tell(await commit(vendor.takePage()))).toEqual([]);
  }
}

/** Commits with everything in hand that there is. */
const withAll =
  (world: VendorWorld): Commit =>
  (page) =>
    world.commit(page);

/** Commits with what the loader reads for the page, and no more. */
const withLoaded =
  (world: VendorWorld): Commit =>
  (page) =>
    world.commitLoaded(page);

function expectSound(world: VendorWorld, vendor: Vendor): void {
  expect(world.stream.violations).toEqual([]);
  expect(stateProblems(world)).toEqual([]);
  if (world.options.ownsCode === false || !vendor.isFreeOfConflicts()) return;
  expect(world.held()).toEqual([]);
  expect(published(world.stream.live())).toEqual(vendor.wanted());
}

describe('whatever happens at a vendor, and however its pages are cut and delivered again', () => {
  const expectToHold = (options: WorldOptions, commitWith: (world: VendorWorld) => Commit, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const world = new VendorWorld(options);
        await play(world, history, commitWith(world));
      }),
      { numRuns },
    );

  it('the stream keeps its promises, and shows the vendor once it is free of conflicts', async () => {
    await expectToHold({ partitions: 1 }, withAll, 100);
    await expectToHold({ partitions: 2 }, withAll, 100);
  });

  it('the stream keeps its promises for a system that does not own codes', async () => {
    await expectToHold({ ownsCode: false }, withAll, 100);
  });

  it('what the loader reads for a page is enough to decide on it', async () => {
    await expectToHold({ partitions: 1 }, withLoaded, 100);
    await expectToHold({ partitions: 2 }, withLoaded, 50);
    await expectToHold({ ownsCode: false }, withLoaded, 100);
  });
});
