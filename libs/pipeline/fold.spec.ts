import * as fc from 'fast-check';
import type { Attributes, AttributeValue, EntityName } from '#contracts';
import type { Contribution, GoldenState } from './fold';
import { fold, linkedProduct, sameContent } from './fold';
import { contribution, PRODUCT_ID, rulesOf } from './rules-fixture';

const rules = rulesOf(`
product:
  exists: plytix
  code: plytix
  status: plytix
  name: plytix
  description: { owner: centric, until: { status: released }, then: plytix }
  brand: { owner: photoshelter, until: { season: [SS27, AW27] }, then: { owner: centric, until: { status: released }, then: plytix } }
  season: centric
  custom.*: plytix
  custom.plm_*: centric
  '*': centric
variant:
  exists: plytix
  composition: centric
  size: plytix
never:
  custom.secret: [plytix]
  inventory.*: [plytix, centric]
`);

const date = '2026-11-21';
const foldProduct = (...contributions: Contribution[]) =>
  fold({ entity: 'product', contributions, product: null, rules, date });
const plytix = (attributes: Attributes, rest: Partial<Contribution> = {}) =>
  contribution('plytix', { code: 'ST-1', ...attributes }, rest);

describe('the fold', () => {
  it('gives each attribute of its owner, with the event that gave it', () => {
    const golden = foldProduct(
      plytix({ name: 'Shirt' }),
      contribution('centric', { season: 'SS27', name: 'style 12' }),
    );
    expect(golden).toEqual({
      attributes: { code: 'ST-1', name: 'Shirt', season: 'SS27' },
      provenance: [
        { system: 'centric', event_id: 'centric-1', ts_ms: 1001, attributes: ['season'] },
        { system: 'plytix', event_id: 'plytix-1', ts_ms: 1001, attributes: ['code', 'name'] },
      ],
      productId: PRODUCT_ID,
    });
  });

  it('gives nothing while the owner of existence says nothing, or says that the record is gone', () => {
    expect(foldProduct(contribution('centric', { season: 'SS27', code: 'ST-1' }))).toBeNull();
    expect(foldProduct(plytix({ name: 'Shirt' }, { deleted: true }))).toBeNull();
  });

  it('gives nothing while the record has no key', () => {
    expect(foldProduct(contribution('plytix', { name: 'Shirt' }))).toBeNull();
    expect(foldProduct(plytix({ code: ' ' }))).toBeNull();
  });

  it('tells what was cleared from what was never supplied', () => {
    const golden = foldProduct(plytix({ name: null }));
    expect(golden?.attributes).toEqual({ code: 'ST-1', name: null });
    expect(golden?.provenance[0]?.attributes).toEqual(['code', 'name']);
  });

  it('nulls what a deleted contribution had supplied', () => {
    const gone = contribution('centric', { season: 'SS27' }, { deleted: true });
    expect(foldProduct(plytix({}), gone)?.attributes).toEqual({ code: 'ST-1', season: null });
  });

  it('never looks at what is denied, whatever the rules say', () => {
    const golden = foldProduct(
      plytix({
        'custom.secret': { kind: 'string', string: 'x' },
        'inventory.stock': { kind: 'long', long: 1 },
      }),
    );
    expect(Object.keys(golden!.attributes)).toEqual(['code']);
  });

  it('compares content by attributes, not by who gave them', () => {
    const [one, two] = [
      foldProduct(plytix({ name: 'A' })),
      foldProduct(plytix({ name: 'A' }, { sequence: 2 })),
    ];
    expect(sameContent(one, two)).toBe(true);
    expect(sameContent(one, foldProduct(plytix({})))).toBe(false);
    expect(sameContent(foldProduct(plytix({ name: null })), foldProduct(plytix({})))).toBe(false);
    expect(sameContent(one, null)).toBe(false);
    expect(sameContent(null, null)).toBe(true);
  });
});

const plm = contribution('centric', { description: 'of the PLM' });
const described = (attributes: Attributes, ...others: Contribution[]) =>
  foldProduct(plytix(attributes), ...others)?.attributes['description'];

describe('a hand-over', () => {
  it('keeps the first owner until the milestone, then takes the next one', () => {
    expect(described({ status: 'draft', description: 'of the PIM' }, plm)).toBe('of the PLM');
    expect(described({ status: 'released', description: 'of the PIM' }, plm)).toBe('of the PIM');
  });

  it('goes back with the milestone', () => {
    const before = plytix({ status: 'released', description: 'of the PIM' });
    const after = plytix({ status: 'draft', description: 'of the PIM' }, { sequence: 2 });
    expect(foldProduct(before, after, plm)?.attributes['description']).toBe('of the PLM');
  });

  it('does not blank what the new owner has not written, but does what it has cleared', () => {
    expect(described({ status: 'released' }, plm)).toBe('of the PLM');
    expect(described({ status: 'released', description: null }, plm)).toBeNull();
  });

  it('does not take from an owner whose time has not come', () => {
    expect(described({ status: 'draft', description: 'of the PIM' })).toBeUndefined();
  });
});

const parentGolden: GoldenState = { attributes: { code: 'ST-1b' }, provenance: [], productId: PRODUCT_ID };
const saidOfVariant = contribution('plytix', { sku: 'ST-1-M', product: 'ST-1', size: 'M' });
const foldVariant = (parent: GoldenState | null, ...contributions: Contribution[]) =>
  fold({ entity: 'variant', contributions, product: parent, rules, date });

describe('a variant', () => {
  it('exists only while its product does', () => {
    expect(foldVariant(null, saidOfVariant)).toBeNull();
    expect(foldVariant(parentGolden, saidOfVariant)).not.toBeNull();
  });

  it('is named after the golden code of its product', () => {
    const golden = foldVariant(parentGolden, saidOfVariant);
    expect(golden?.attributes).toEqual({ sku: 'ST-1-M', product: 'ST-1b', size: 'M' });
    expect(golden?.productId).toBe(PRODUCT_ID);
  });

  it('belongs to the product that the owner of that attribute names, not to that of others', () => {
    const other = contribution('centric', { product: 'ST-9', composition: 'linen' }, { productId: 'other' });
    expect(linkedProduct([other, saidOfVariant], rules)).toBe(PRODUCT_ID);
    expect(linkedProduct([other], rules)).toBeNull();
    expect(linkedProduct([{ ...saidOfVariant, deleted: true }], rules)).toBeNull();
    expect(foldVariant(parentGolden, other, saidOfVariant)?.attributes['composition']).toBe('linen');
  });

  it('is not folded with another product than its own', () => {
    expect(() => foldVariant({ ...parentGolden, productId: 'other' }, saidOfVariant)).toThrow(
      /belongs to product 0+-0000/,
    );
  });
});

/** The rules above, word by word, for the reference fold. */
const OWNERS: Record<string, (has: (attribute: string, ...values: string[]) => boolean) => string[]> = {
  code: () => ['plytix'],
  status: () => ['plytix'],
  name: () => ['plytix'],
  season: () => ['centric'],
  description: (has) => (has('status', 'released') ? ['plytix', 'centric'] : ['centric']),
  brand: (has) => {
    if (!has('season', 'SS27', 'AW27')) return ['photoshelter'];
    return has('status', 'released') ? ['plytix', 'centric', 'photoshelter'] : ['centric', 'photoshelter'];
  },
  'custom.care': () => ['plytix'],
  'custom.secret': () => [],
  'custom.plm_note': () => ['centric'],
  'inventory.stock': () => [],
  fit: () => ['centric'],
};
const ORDER = ['status', 'season', ...Object.keys(OWNERS)];

/** Slow and obvious: sorts, looks, and goes through the attributes in an order in which conditions are known. */
function referenceFold(contributions: readonly Contribution[]): GoldenState | null {
  const newest = (system: string) =>
    contributions.filter((each) => each.system === system).sort((a, b) => b.sequence - a.sequence)[0];
  if (newest('plytix') === undefined || newest('plytix')!.deleted) return null;
  const attributes: Attributes = {};
  const givers: Record<string, Contribution> = {};
  for (const attribute of ORDER) {
    const has = (name: string, ...values: string[]) => values.includes(attributes[name] as string);
    const giver = OWNERS[attribute]!(has)
      .map(newest)
      .find((each) => each !== undefined && attribute in each.attributes);
    if (giver === undefined) continue;
    attributes[attribute] = giver.deleted ? null : giver.attributes[attribute]!;
    givers[attribute] = giver;
  }
  if (!attributes['code']) return null;
  const origins = Object.entries(givers).map(([attribute, { system, origins }]) => {
    const { eventId, tsMs } = origins[attribute]!;
    return { attribute, system, eventId, tsMs };
  });
  const events = [...new Set(origins.map(({ system, eventId }) => `${system} ${eventId}`))].sort();
  const provenance = events.map((event) => {
    const given = origins.filter(({ system, eventId }) => `${system} ${eventId}` === event);
    const { system, eventId, tsMs } = given[0]!;
    return {
      system,
      event_id: eventId,
      ts_ms: tsMs,
      attributes: given.map(({ attribute }) => attribute).sort(),
    };
  });
  return { attributes, provenance, productId: PRODUCT_ID };
}

const VALUES: Record<string, AttributeValue[]> = {
  code: ['ST-1', 'ST-1', 'ST-2', null],
  status: ['draft', 'released', null],
  season: ['SS27', 'AW27', 'SS28', null],
};
const plain: AttributeValue[] = ['a', 'b', null, { kind: 'string', string: 'c' }];
const said = fc
  .record(
    Object.fromEntries(
      Object.keys(OWNERS).map((name) => [name, fc.constantFrom(...(VALUES[name] ?? plain))]),
    ),
    {
      requiredKeys: [],
    },
  )
  .map((attributes) => ({ ...attributes }) as Attributes);

/** Histories: each system says something again and again, may go and come back, and forgets no attribute. */
const step = fc.record({
  system: fc.constantFrom('plytix', 'plytix', 'centric', 'photoshelter'),
  said,
  deleted: fc.nat(4).map((chance) => chance === 0),
});
const histories = fc.array(step, { minLength: 1, maxLength: 14 }).map((steps) => {
  const known = new Map<string, Contribution>();
  return steps.map(({ system, said, deleted }) => {
    const last = known.get(system);
    const attributes = { ...last?.attributes, ...said };
    const sequence = (last?.sequence ?? 0) + 1;
    const fresh = contribution(system, said, { sequence }).origins;
    const origins = { ...last?.origins, ...fresh };
    const next = contribution(system, attributes, {
      sequence,
      deleted: deleted && last !== undefined,
      origins,
    });
    known.set(system, next);
    return next;
  });
});
const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });

describe('the fold of any history', () => {
  it('equals a slow and obvious fold', () => {
    fc.assert(
      fc.property(histories, (history) => {
        expect(foldProduct(...history)).toEqual(referenceFold(history));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the order of the contributions, nor on repeats', () => {
    const mixed = histories.chain((history) =>
      fc.tuple(
        fc.constant(history),
        fc.subarray(history).chain((repeats) => shuffled([...history, ...repeats])),
      ),
    );
    fc.assert(
      fc.property(mixed, ([history, mix]) => {
        expect(JSON.stringify(foldProduct(...mix))).toBe(JSON.stringify(foldProduct(...history)));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on late repeats of what was overtaken', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const systems = [...new Set(history.map(({ system }) => system))];
        const newest = systems.map((system) => history.findLast((each) => each.system === system)!);
        expect(foldProduct(...newest)).toEqual(foldProduct(...history));
      }),
    );
  });

  it('names each attribute in exactly one group of its provenance', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const golden = foldProduct(...history);
        const named = golden?.provenance.flatMap(({ attributes }) => attributes) ?? [];
        expect(named.sort()).toEqual(Object.keys(golden?.attributes ?? {}).sort());
      }),
    );
  });

  it('never takes a value from a system that no rule names for it', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { system, attributes } of foldProduct(...history)?.provenance ?? []) {
          for (const attribute of attributes) {
            const owners = rules.rule('product' as EntityName, attribute)?.chain.map(({ owner }) => owner);
            expect(owners).toContain(system);
          }
        }
      }),
    );
  });

  it('finds what was said before when a record returns', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const last = history.findLast(({ system }) => system === 'plytix');
        fc.pre(last !== undefined);
        const gone = { ...last!, sequence: last!.sequence + 1, deleted: true };
        const back = { ...last!, sequence: last!.sequence + 2, deleted: false };
        expect(foldProduct(...history, gone)).toBeNull();
        const alive = history.map((each) => (each === last ? { ...each, deleted: false } : each));
        expect(foldProduct(...history, gone, back)).toEqual(foldProduct(...alive));
      }),
    );
  });
});
