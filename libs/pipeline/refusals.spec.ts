import { refusals, splitDenied } from './refusals';
import { contribution, rulesOf } from './rules-fixture';

const rules = rulesOf(`
variant:
  exists: plytix
  size: { owner: centric, until: { status: released }, then: plytix }
  status: plytix
never:
  inventory.*: [plytix]
`);
const stock = { kind: 'long', long: 3 } as const;

describe('refusals', () => {
  it('name what ownership does not take, and the line of a hard denial', () => {
    const said = contribution('plytix', { sku: 'A', 'inventory.stock': stock, gtin: '1', size: 'M' });
    expect(refusals('variant', said, rules)).toEqual([
      { attribute: 'gtin', kind: 'not_owner', line: null },
      { attribute: 'inventory.stock', kind: 'denied', line: 7 },
    ]);
  });
});

describe('splitDenied', () => {
  it('parts what is kept as contribution from what is denied for good', () => {
    const said = { gtin: '1', 'inventory.stock': stock };
    expect(splitDenied('variant', 'plytix', said, rules)).toEqual({
      kept: { gtin: '1' },
      denied: [{ attribute: 'inventory.stock', value: stock, line: 7 }],
    });
    expect(splitDenied('variant', 'wms', said, rules).denied).toEqual([]);
  });
});
