import * as fc from 'fast-check';
import type { Attributes } from '#contracts';
import { deepEqual, diffAttributes, mergeObserved } from './diff';

const value = fc.oneof(
  fc.constant(null),
  fc.string(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
);
const attributes = fc.dictionary(fc.string({ maxLength: 2 }), value, {
  maxKeys: 6,
}) as fc.Arbitrary<Attributes>;

describe('deepEqual', () => {
  it('looks at fields in any order and at items in theirs', () => {
    expect(deepEqual({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(deepEqual([1, 2], [2, 1])).toBe(false);
  });

  it('tells absent from null, a list from an object and text from a number', () => {
    expect(deepEqual({ a: null }, {})).toBe(false);
    expect(deepEqual({ a: undefined }, { b: undefined })).toBe(false);
    expect(deepEqual([], {})).toBe(false);
    expect(deepEqual('1', 1)).toBe(false);
  });

  it('finds a copy equal to what it was copied from', () => {
    fc.assert(fc.property(attributes, (state) => deepEqual(state, structuredClone(state))));
  });
});

describe('diffAttributes', () => {
  it('lists named attributes first, then those in maps, and tells absent from cleared', () => {
    const before = {
      name: 'Shirt',
      brand: 'Nord',
      'custom.care': { kind: 'string', string: '30°' },
    } as const;
    const after = { name: 'Washed shirt', brand: null, season: 'SS27', 'custom.care': before['custom.care'] };
    expect(diffAttributes(before, after)).toEqual([
      { attribute: 'brand', before: 'Nord', after: null },
      { attribute: 'name', before: 'Shirt', after: 'Washed shirt' },
      { attribute: 'season', before: undefined, after: 'SS27' },
    ]);
    expect(diffAttributes({ 'a.b': '1', z: '1' }, null).map(({ attribute }) => attribute)).toEqual([
      'z',
      'a.b',
    ]);
  });

  it('tells enough to turn one state into the other', () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const turned = new Map(Object.entries(before));
        for (const change of diffAttributes(before, after)) {
          if (change.after === undefined) turned.delete(change.attribute);
          else turned.set(change.attribute, change.after);
        }
        expect(Object.fromEntries(turned)).toEqual(after);
      }),
    );
  });
});

describe('mergeObserved', () => {
  it('clears what is missing, keeps what could not be mapped and takes what was observed', () => {
    const previous = { name: 'Shirt', brand: 'Nord', season: 'SS27' };
    expect(mergeObserved(previous, { name: 'Washed shirt' }, ['brand', 'fit'])).toEqual({
      name: 'Washed shirt',
      brand: 'Nord',
      season: null,
    });
  });

  it('never forgets an attribute and changes nothing when the same is observed again', () => {
    fc.assert(
      fc.property(
        attributes,
        attributes,
        fc.array(fc.string({ maxLength: 2 })),
        (previous, observed, kept) => {
          const merged = mergeObserved(previous, observed, kept);
          expect(Object.keys(merged)).toEqual(expect.arrayContaining(Object.keys(previous)));
          expect(mergeObserved(merged, observed, kept)).toEqual(merged);
        },
      ),
    );
  });
});
