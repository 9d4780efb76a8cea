import * as fc from 'fast-check';
import { EncodeError, codeAttribute, normaliseCode, recordKey, sameKey } from './index';

describe('recordKey', () => {
  it('takes the attributes that make the key, and no others', () => {
    expect(recordKey('product', { code: 'ST-1042', name: 'Shirt' })).toEqual({ code: 'ST-1042' });
    expect(recordKey('variant', { sku: 'ST-1042-M', product: 'ST-1042' })).toEqual({
      product: 'ST-1042',
      sku: 'ST-1042-M',
    });
    expect(recordKey('inventory', { sku: 'A', location: 'B', on_hand: 3 })).toEqual({
      sku: 'A',
      location: 'B',
    });
  });

  it.each([[{}], [{ code: null }], [{ code: '' }], [{ code: 7 }]])(
    'refuses a product whose key would be %p, and names the attribute',
    (attributes) => {
      const taking = (): unknown => recordKey('product', attributes);
      expect(taking).toThrow(EncodeError);
      expect(taking).toThrow('encoding product attribute code');
    },
  );

  it('compares keys field by field', () => {
    expect(sameKey({ product: 'A', sku: 'B' }, { sku: 'B', product: 'A' })).toBe(true);
    expect(sameKey({ code: 'A' }, { code: 'B' })).toBe(false);
    expect(sameKey({ code: 'A' }, { code: 'A', sku: 'B' })).toBe(false);
  });
});

describe('normaliseCode', () => {
  it.each([
    ['ST-1042', ' st-1042\t'],
    ['ST  10\u00a042', 'st 10 42'],
    ['STRASSE', 'Straße'],
    ['STRAẞE', 'straße'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['CAFÉ', 'cafe\u0301'],
  ])('takes %p and %p for one code', (one, other) => {
    expect(normaliseCode(one)).toBe(normaliseCode(other));
  });

  it.each([
    ['10²', '102'],
    ['ST-1042', 'ST1042'],
    ['AB 12', 'AB12'],
    ['Ａ１', 'A1'],
  ])('takes %p and %p for two', (one, other) => {
    expect(normaliseCode(one)).not.toBe(normaliseCode(other));
  });

  it('changes nothing the second time, and does not see case', () => {
    const code = fc.string({ unit: fc.constantFrom(...' \tabcXYZ0189-_./ßẞςΣéÉİçöŁ') });
    fc.assert(
      fc.property(code, (raw) => {
        const normal = normaliseCode(raw);
        expect(normaliseCode(normal)).toBe(normal);
        expect(normaliseCode(raw.toLowerCase())).toBe(normal);
      }),
    );
  });

  it('makes nothing of blank text', () => {
    expect(normaliseCode(' \u00a0\n')).toBe('');
  });

  it('looks products up by code and variants by SKU', () => {
    expect([codeAttribute('product'), codeAttribute('variant')]).toEqual(['code', 'sku']);
  });
});
