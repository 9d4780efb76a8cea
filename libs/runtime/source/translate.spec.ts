import type { Attributes, EntityName } from '#contracts';
import type { Observation } from '#connector-sdk';
import { parseSourceMapping } from '#pipeline';
import type { ExceptionFilter } from '#store';
import { translatePage } from './translate';

const mapping = parseSourceMapping(
  `
system: plytix
product:
  code: sku
  fields:
    name: label
    brand: { from: brand, values: { N: Nord } }
    season: { from: season, values: { S: SS26 } }
variant:
  code: sku
  parent: parent
  fields: { name: label, size: size }
`,
  'plytix.source.yaml',
  new Map([['plytix', { title: 'Plytix', kind: 'pim' as const }]]),
);
const base = { vendorId: 'x1', requestedAtMs: 900, direct: false, changedAtMs: 500 };

function present(state: Attributes, entity: EntityName = 'product'): Observation {
  return { ...base, kind: 'present', entity, state, vendorTime: '1970-01-01T00:00:00.5Z' };
}
const translate = (...observations: Observation[]) => translatePage(mapping, observations, 1_000);
const resolvedOf = (resolved: readonly ExceptionFilter[]): string[] =>
  resolved
    .map((filter) => (filter.attribute ? `${filter.class} of ${filter.attribute}` : `${filter.class}`))
    .sort();

describe('translating a page', () => {
  it('maps a record and normalises what it claims; the code itself stays verbatim', () => {
    expect(translate(present({ sku: ' Coat  1', label: 'Coat', brand: 'N' })).seen).toEqual([
      {
        kind: 'present',
        entity: 'product',
        vendorId: 'x1',
        claim: 'coat 1',
        parentVendorId: null,
        attributes: { code: ' Coat  1', name: 'Coat', brand: 'Nord' },
        kept: [],
        changedAtMs: 500,
        vendorTime: '1970-01-01T00:00:00.5Z',
        answeredAtMs: 1_000,
      },
    ]);
  });

  it('names the product of a variant', () => {
    const [seen] = translate(present({ sku: 'S', parent: 'p9' }, 'variant')).seen;
    expect(seen).toMatchObject({ claim: 's', parentVendorId: 'p9', attributes: { sku: 'S' } });
  });

  it('resolves everything that a record without trouble could have had', () => {
    const { opened, resolved } = translate(present({ sku: 'A' }));
    expect(opened).toEqual([]);
    expect(resolvedOf(resolved)).toEqual([
      'missing_required',
      'schema_drift',
      'undecodable',
      'unmapped_value',
    ]);
    for (const filter of resolved)
      expect(filter).toMatchObject({ system: 'plytix', entity: 'product', recordKey: 'x1' });
  });

  it('keeps the last-known value of what cannot be mapped, and opens an exception for it', () => {
    const { seen, opened } = translate(present({ sku: 'A', label: 'Coat', brand: '?' }));
    expect(seen).toEqual([
      expect.objectContaining({ attributes: { code: 'A', name: 'Coat' }, kept: ['brand'] }),
    ]);
    expect(opened).toEqual([
      expect.objectContaining({
        class: 'unmapped_value',
        severity: 'warning',
        attribute: 'brand',
        recordKey: 'x1',
        original: { brand: '?' },
      }),
    ]);
  });

  it('resolves what is right again while another attribute of the record still has the same trouble', () => {
    const { resolved } = translate(present({ sku: 'A', label: 'Coat', brand: '?', season: 'S' }));
    const resolvable = resolvedOf(resolved);
    expect(resolvable).toContain('unmapped_value of season');
    expect(resolvable).not.toContain('unmapped_value of brand');
    expect(resolvable).not.toContain('unmapped_value');
  });

  it.each([
    ['no code', { label: 'Coat' }],
    ['an empty code', { sku: null }],
    ['a blank code', { sku: ' \t ' }],
    ['a code that no database can store', { sku: 'A\0' }],
  ])(
    'holds back a record with %s, and does not resolve the exception that it opens',
    (_, state: Attributes) => {
      const { seen, opened, resolved } = translate(present(state));
      expect(seen).toEqual([]);
      expect(opened).toEqual([
        expect.objectContaining({
          class: 'missing_required',
          attribute: 'code',
          severity: 'error',
          message: 'publishing plytix product x1: it has no code. Give it one in plytix.',
          original: state,
        }),
      ]);
      expect(resolvedOf(resolved)).toEqual(['undecodable']);
    },
  );

  it('speaks of the SKU where it is a variant`s', () => {
    const [opened] = translate(present({ parent: 'p1' }, 'variant')).opened;
    expect(opened?.message).toBe('publishing plytix variant x1: it has no SKU. Give it one in plytix.');
  });

  it.each([
    ['NUL', 'Co\0at'],
    ['half a surrogate pair', 'Coat \ud83d'],
  ])('keeps the last-known value of a text with %s', (_, label) => {
    const { seen, opened } = translate(present({ sku: 'A', label }));
    expect(seen).toEqual([expect.objectContaining({ attributes: { code: 'A' }, kept: ['name'] })]);
    expect(opened).toEqual([expect.objectContaining({ class: 'schema_drift', attribute: 'name' })]);
  });

  it('passes on that a record is gone, and resolves all that it could have had', () => {
    const { seen, opened, resolved } = translate({ ...base, kind: 'gone', entity: 'variant' });
    expect(seen).toEqual([
      { kind: 'gone', entity: 'variant', vendorId: 'x1', changedAtMs: 500, answeredAtMs: 1_000 },
    ]);
    expect(opened).toEqual([]);
    expect(resolvedOf(resolved)).toEqual([
      'missing_required',
      'schema_drift',
      'undecodable',
      'unmapped_value',
    ]);
  });

  it('opens an exception with the original for what does not decode, and resolves nothing', () => {
    const reason = 'reading plytix product x1: the answer is HTML, not JSON';
    const page = translate({ ...base, kind: 'undecodable', entity: 'product', reason, raw: '<html>' });
    expect(page).toEqual({
      seen: [],
      resolved: [],
      opened: [
        {
          class: 'undecodable',
          severity: 'error',
          system: 'plytix',
          entity: 'product',
          recordKey: 'x1',
          message: reason,
          original: '<html>',
        },
      ],
    });
  });

  it("keeps one record's trouble from the others, and their order", () => {
    const others = ['a', 'b'].map((vendorId) => ({ ...present({ sku: vendorId }), vendorId }));
    const { seen } = translate(others[0]!, present({}), others[1]!);
    expect(seen.map((s) => s.vendorId)).toEqual(['a', 'b']);
  });
});
