import * as fc from 'fast-check';
import type { AttributeValue } from '#contracts';
import { applySourceMapping } from './apply-mapping';
import { mergeObserved } from './diff';
import { parseSourceMapping } from './parse-mapping';
import { problemsOf, SYSTEMS } from './rules-fixture';

const read = (fields: string, more = '') =>
  parseSourceMapping(
    `system: plytix\nproduct:\n  code: sku\n  fields:\n    ${fields}\n${more}`,
    'm.yaml',
    SYSTEMS,
  );
const map = (fields: string, state: Record<string, AttributeValue>) =>
  applySourceMapping(read(fields), 'product', state);
const text = (string: string) => ({ kind: 'string', string }) as const;
const media = (id: string) => ({ asset_id: id, role: null, position: null, url: null });

describe('a source mapping', () => {
  it('copies, unwraps for named attributes and wraps for custom ones', () => {
    const fields = '{ name: label, brand: attributes.brand, custom.rank: rank, custom.size: size }';
    const sut = parseSourceMapping(
      `system: plytix\nproduct: { code: sku, fields: ${fields} }`,
      'm.yaml',
      SYSTEMS,
    );
    const state = { sku: 'A', label: 'Shirt', 'attributes.brand': text('Nord'), rank: 7, size: 1.5 };
    expect(applySourceMapping(sut, 'product', state).attributes).toEqual({
      code: 'A',
      name: 'Shirt',
      brand: 'Nord',
      'custom.rank': { kind: 'long', long: 7 },
      'custom.size': { kind: 'decimal', decimal: '1.5' },
    });
  });

  it('leaves out what the vendor left out, and passes on what it emptied', () => {
    expect(map('name: label', {}).attributes).toEqual({});
    expect(map('name: label', { label: null }).attributes).toEqual({ name: null });
  });

  it.each<[string, string, Record<string, AttributeValue>, AttributeValue | undefined]>([
    ['a constant', 'brand: { constant: Nord }', {}, 'Nord'],
    ['a table', 'status: { from: s, values: { Draft: draft } }', { s: text('Draft') }, 'draft'],
    [
      'a table over a list',
      'categories: { from: c, values: { W: Women, M: Men } }',
      { c: ['M', 'W'] },
      ['Men', 'Women'],
    ],
    ['a table that keeps', 'status: { from: s, values: { a: b }, unlisted: keep }', { s: 'c' }, 'c'],
    ['split', 'categories: { from: c, split: ";" }', { c: 'a; b;' }, ['a', 'b']],
    ['join of texts', 'name: { join: [a, b, c], with: " / " }', { a: 'x', b: null, c: text('y') }, 'x / y'],
    ['join of nothing', 'name: { join: [a, b] }', {}, undefined],
    ['join of what was emptied', 'name: { join: [a, b] }', { b: null }, null],
    [
      'join of lists',
      'categories: { join: [a, b] }',
      { a: ['x'], b: { kind: 'list', list: ['y'] } },
      ['x', 'y'],
    ],
    ['first of', 'name: { first_of: [a, b] }', { a: '', b: 'x' }, 'x'],
    ['first of what was emptied', 'name: { first_of: [a, b] }', { a: '' }, null],
    ['locales', 'localised.name: { locale: { de: a, fr: b } }', { a: text('Hemd'), b: null }, { de: 'Hemd' }],
    ['emptied locales', 'localised.name: { locale: { de: a, fr: b } }', { b: null }, null],
    [
      'a unit',
      'custom.w: { from: w, unit: { from: kg, to: g } }',
      { w: { kind: 'decimal', decimal: '0.250' } },
      { kind: 'decimal', decimal: '250' },
    ],
    [
      'a smaller unit',
      'custom.w: { from: w, unit: { from: mm, to: m } }',
      { w: 5 },
      { kind: 'decimal', decimal: '0.005' },
    ],
    ['a condition that holds', 'name: { from: a, when: { s: [x, y] } }', { a: 'n', s: text('y') }, 'n'],
    ['a condition that does not', 'name: { from: a, when: { s: x } }', { a: 'n' }, undefined],
    [
      'roles',
      'media: { roles: { hero: a, gallery: b } }',
      { b: [media('2')], a: { kind: 'media', media: [media('1')] } },
      [
        { ...media('1'), role: 'hero' },
        { ...media('2'), role: 'gallery' },
      ],
    ],
  ])('knows %s', (_, fields, state, expected) => {
    const record = map(fields, state);
    expect(Object.values(record.attributes)[0]).toEqual(expected);
    expect(record.problems).toEqual([]);
  });

  it.each<[string, Record<string, AttributeValue>, 'schema_drift' | 'unmapped_value', RegExp]>([
    [
      'brand: b',
      { b: { kind: 'list', list: ['x'] } },
      'schema_drift',
      /mapping b to brand: a list came, but text/,
    ],
    ['brand: b', { b: { kind: 'boolean', boolean: true } }, 'schema_drift', /yes or no came/],
    ['launch_date: b', { b: '2026-02-30' }, 'schema_drift', /text came, but a day/],
    ['custom.x: b', { b: { kind: 'long', long: 0.5 } }, 'schema_drift', /not whole/],
    ['custom.x: b', { b: { de: 'Hemd' } }, 'schema_drift', /an object came/],
    [
      'status: { from: b, values: { Draft: draft } }',
      { b: 'constructor' },
      'unmapped_value',
      /"constructor" is not in the table/,
    ],
    ['custom.x: { from: b, unit: { from: kg, to: g } }', { b: 'heavy' }, 'schema_drift', /needs a number/],
  ])('makes a problem of that attribute alone: %s', (fields, state, problemClass, reason) => {
    const record = map(`${fields}\n    family: f`, { ...state, sku: 'A', f: 'shirts' });
    expect(record.attributes).toEqual({ code: 'A', family: 'shirts' });
    expect(record.problems).toEqual([expect.objectContaining({ class: problemClass, raw: state })]);
    expect(record.problems[0]!.reason).toMatch(reason);
  });

  it('keeps the previous value of what could not be mapped', () => {
    const record = map('brand: b', { b: ['x'] });
    const kept = record.problems.map(({ attribute }) => attribute);
    expect(mergeObserved({ brand: 'Nord' }, record.attributes, kept)).toEqual({ brand: 'Nord' });
  });

  it('takes what is left into custom attributes, without what rules use or drop', () => {
    const sut = read(
      'brand: attributes.brand\n    custom.fit: fit',
      '  rest: { attributes.*: custom.* }\n  drop: [attributes.x]',
    );
    const state = {
      'attributes.brand': 'Nord',
      'attributes.x': 'x',
      'attributes.__proto__': 'p',
      other: 'o',
    };
    const record = applySourceMapping(sut, 'product', { ...state, 'attributes.fit': 'slim' });
    expect(record.attributes).toEqual({ brand: 'Nord', 'custom.__proto__': text('p') });
    expect(record.unmapped).toEqual(['other', 'attributes.fit']);
  });

  it('takes the code verbatim, and none that is blank or no text', () => {
    expect(map('name: n', { sku: ' a-1 ' }).code).toBe(' a-1 ');
    expect(map('name: n', { sku: '  ' })).toMatchObject({ code: null, attributes: {}, problems: [] });
    expect(map('name: n', { sku: ['a'] })).toMatchObject({ code: null, problems: [{ attribute: 'code' }] });
  });

  it('loses no field of any state', () => {
    const sut = read('name: label\n    brand: attributes.brand', '  rest: { attributes.*: custom.* }');
    const field = fc.constantFrom('label', 'attributes.brand', 'attributes.care', 'attributes.toString', 'x');
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(field, value), (state) => {
        const { attributes, problems, unmapped } = applySourceMapping(sut, 'product', state);
        expect(Object.keys(attributes).length + problems.length + unmapped.length).toBe(
          Object.keys(state).length,
        );
      }),
    );
  });
});

describe('a wrong source mapping', () => {
  it('is refused with all that is wrong, with place and suggestion', () => {
    const wrong = `
system: plitix
produkt: { code: sku }
product:
  parent: p
  feilds: {}
  fields:
    nmae: label
    code: sku
    brand: { form: a }
    season: { from: a, constant: b }
    status: { constant: x, split: "," }
    launch_date: { constant: soon }
    name: { locale: { de: a } }
    family: a
    family: b
    custom.w: { from: w, unit: { from: kgs, to: g } }
    custom.v: { from: w, unit: { from: kg, to: m } }
  rest: { attributes.*: price.* }
  drop: [a]
`;
    expect(problemsOf(() => parseSourceMapping(wrong, 'm.yaml', SYSTEMS))).toEqual([
      'm.yaml:2:9  unknown system "plitix". Did you mean "plytix"?',
      'm.yaml:3:1  unknown entity "produkt". Did you mean "product"?',
      'm.yaml:4:1  "code" of product, the field with its key, must be text, but nothing is there',
      'm.yaml:5:3  a product has no parent. Only variants belong to a product.',
      'm.yaml:6:3  unknown section "feilds". Did you mean "fields"?',
      'm.yaml:8:5  product has no attribute "nmae". Did you mean "name"?',
      'm.yaml:9:5  "code" is given by "code". Take it out of "fields".',
      'm.yaml:10:14  unknown operator "form". Did you mean "from"?',
      'm.yaml:11:13  from and constant exclude each other. Give exactly one of from, first_of, constant, join, locale, roles.',
      'm.yaml:12:28  "split" has no meaning beside "constant"',
      'm.yaml:13:30  the constant does not fit: text came, but a day as YYYY-MM-DD is needed',
      'm.yaml:14:5  "name" cannot be filled in this way. "locale" gives text by locale, for "localised.…".',
      'm.yaml:16:5  "family" is given twice, first on line 15',
      'm.yaml:17:32  unknown unit "kgs". Did you mean "kg"?',
      'm.yaml:18:32  "kg" cannot be turned into "m"',
      'm.yaml:19:25  "price.*" cannot take what is left. Write custom.*.',
      'm.yaml:20:3  "a" is dropped, but a rule uses it',
    ]);
  });

  it('is refused without a system or without an entity', () => {
    expect(problemsOf(() => parseSourceMapping('product: { code: sku }', 'm.yaml', SYSTEMS)).join()).toMatch(
      /names no system/,
    );
    expect(problemsOf(() => parseSourceMapping('system: plytix', 'm.yaml', SYSTEMS)).join()).toMatch(
      /maps no entity/,
    );
  });
});
