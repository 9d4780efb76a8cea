import type { BatchWrite } from '#connector-sdk';
import type { Attributes } from '#contracts';
import { prepareBatch } from './postgres.batch';
import { mayHoldNonText, nonTextFault, rowOf } from './postgres.rows';

const HUB = '0a8f5c2e-1111-4222-8333-944445555566';

const write = (attributes: Attributes | null, more: Partial<BatchWrite> = {}): BatchWrite => ({
  entity: 'product',
  hubId: HUB,
  productId: HUB,
  version: 7,
  attributes,
  changedAtMs: Date.UTC(2026, 10, 2),
  ...more,
});

function rowFor(attributes: Attributes | null) {
  const laidOut = rowOf('product', write(attributes));
  if ('fault' in laidOut) throw new Error(laidOut.fault.message);
  return JSON.parse(JSON.stringify(laidOut.row)) as Record<string, unknown>;
}

describe('rowOf', () => {
  it('tells cleared from never given: both are null, only the first is named in supplied', () => {
    expect(rowFor({ code: 'ST-1', brand: null })).toEqual({
      hub_id: HUB,
      version: 7,
      changed_at: '2026-11-02T00:00:00.000Z',
      code: 'ST-1',
      brand: null,
      supplied: ['brand', 'code'],
    });
  });

  it('shows custom values bare, and keeps decimals and dates as text', () => {
    const row = rowFor({
      'custom.care': { kind: 'string', string: '30°' },
      'custom.weight': { kind: 'decimal', decimal: '12.50' },
      'custom.pieces': { kind: 'long', long: 3 },
      'custom.vegan': { kind: 'boolean', boolean: true },
      'custom.since': { kind: 'date', date: '2026-01-31' },
      'custom.tags': { kind: 'list', list: ['a', 'b'] },
      'custom.gone': null,
      'custom.with.dots': { kind: 'string', string: 'x' },
    });
    expect(row.custom).toEqual({
      care: '30°',
      weight: '12.50',
      pieces: 3,
      vegan: true,
      since: '2026-01-31',
      tags: ['a', 'b'],
      gone: null,
      'with.dots': 'x',
    });
  });

  it('keeps localised text by attribute and locale, also a locale called kind', () => {
    const row = rowFor({ 'localised.name': { de: 'Hemd', kind: 'Art' } });
    expect(row.localised).toEqual({ name: { de: 'Hemd', kind: 'Art' } });
  });

  it('keeps what it has no column for under its full name', () => {
    const row = rowFor({ hem: 'raw', 'fabric.weight': 'heavy' });
    expect(row.rest).toEqual({ hem: 'raw', 'fabric.weight': 'heavy' });
  });

  it('is not led astray by attributes named like parts of every object', () => {
    const row = rowFor({ 'custom.__proto__': { kind: 'string', string: 'x' }, constructor: 'y' });
    expect(Object.entries(row.custom as object)).toEqual([['__proto__', 'x']]);
    expect(row.rest).toEqual({ constructor: 'y' });
  });

  it('makes a delete of null attributes, with no data', () => {
    expect(rowFor(null)).toEqual({
      hub_id: HUB,
      version: 7,
      changed_at: '2026-11-02T00:00:00.000Z',
      deleted_at: '2026-11-02T00:00:00.000Z',
    });
  });

  it.each([
    ['launch_date', '2026-02-30', 'a date as YYYY-MM-DD, not "2026-02-30"'],
    ['launch_date', 'soon', 'a date as YYYY-MM-DD, not "soon"'],
    ['launch_date', '0000-01-01', 'a date as YYYY-MM-DD, not "0000-01-01"'],
    ['name', 12, 'text, not number'],
    ['categories', 'Shirts', 'a list of texts, not "Shirts"'],
    ['media', 'pic.jpg', 'a list of media references, not "pic.jpg"'],
  ])('refuses %s = %p and names the attribute', (attribute, value, words) => {
    const laidOut = rowOf('product', write({ [attribute]: value }));
    expect(laidOut).toEqual({
      fault: {
        kind: 'rejected',
        code: 'wrong_type',
        attribute,
        message: `writing postgres product ${HUB} v7: ${attribute} must be ${words}`,
      },
    });
  });
});

describe('text that PostgreSQL cannot store', () => {
  it.each([
    ['NUL in a value', { name: 'a\0b' }, 'name'],
    ['half a surrogate pair in a list', { categories: ['ok', 'x\ud800'] }, 'categories'],
    ['NUL in a locale', { 'localised.name': { 'd\0e': 'x' } }, 'localised.name'],
    [
      'half a surrogate pair in a custom value',
      { 'custom.care': { kind: 'string', string: '\udc00' } },
      'custom.care',
    ],
    ['NUL in the name of an attribute', { 'custom.a\0b': null }, 'custom.a\ufffdb'],
  ] as [string, Attributes, string][])('is found: %s', (_case, attributes, attribute) => {
    const laidOut = rowOf('product', write(attributes));
    expect(mayHoldNonText(JSON.stringify('row' in laidOut && laidOut.row))).toBe(true);
    expect(nonTextFault('product', write(attributes))).toMatchObject({
      kind: 'rejected',
      code: 'not_text',
      attribute,
    });
  });

  it('is not seen in emoji, nor in text that spells an escape', () => {
    const attributes = { name: '👕 𝒮', description: 'write \\u0000 and \\ud800' };
    expect(nonTextFault('product', write(attributes))).toBeNull();
    expect(mayHoldNonText(JSON.stringify({ name: '👕 𝒮' }))).toBe(false);
  });
});

describe('prepareBatch', () => {
  const other = '0a8f5c2e-0000-4222-8333-944445555566';

  it('orders rows by hub_id and products before variants, in statements of a bounded size', () => {
    const { statements } = prepareBatch(
      [
        write({}, { entity: 'variant' }),
        write({}),
        write({}, { hubId: other }),
        write({}, { entity: 'variant', hubId: other }),
      ],
      1,
    );
    expect(statements.map(({ entity, rows }) => [entity, ...rows.map(({ index }) => index)])).toEqual([
      ['product', 2],
      ['product', 1],
      ['variant', 3],
      ['variant', 0],
    ]);
  });

  it('sorts out refused writes and keeps the others', () => {
    const { statements, refused } = prepareBatch([write({ name: 'a\0' }), write({}, { hubId: other })], 10);
    expect([...refused.keys()]).toEqual([0]);
    expect(statements.flatMap(({ rows }) => rows.map(({ index }) => index))).toEqual([1]);
  });

  it('refuses one record twice, and an entity without a table', () => {
    expect(() => prepareBatch([write({}), write(null)], 10)).toThrow('it comes twice in one batch');
    expect(() => prepareBatch([write({}, { entity: 'asset' })], 10)).toThrow(
      'writing postgres asset: it has no table',
    );
  });
});
