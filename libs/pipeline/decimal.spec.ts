import * as fc from 'fast-check';
import { decimalText, isDay, shiftDecimal } from './decimal';

const trimmed = (text: string) => text.replace(/\.?0*$/, '');

describe('shiftDecimal', () => {
  it.each([
    ['1.250', 3, '1250'],
    ['-12.5', 3, '-12500'],
    ['5', -3, '0.005'],
    ['0.05', 1, '0.5'],
    ['250', -3, '0.250'],
    ['0', 3, '0'],
  ])('moves the point of %s by %d places to %s', (decimal, places, expected) => {
    expect(shiftDecimal(decimal, places)).toBe(expected);
  });

  it('comes back by the opposite move, whatever the number', () => {
    const decimals = fc
      .tuple(fc.bigInt(), fc.nat(999))
      .map(([whole, part]) => `${whole}.${String(part).padStart(3, '0')}`);
    fc.assert(
      fc.property(decimals, fc.integer({ min: -6, max: 6 }), (decimal, places) => {
        const back = shiftDecimal(shiftDecimal(decimal, places), -places);
        expect(trimmed(back.includes('.') ? back : `${back}.`)).toBe(trimmed(decimal));
      }),
    );
  });
});

describe('decimalText', () => {
  it('writes any finite number without an exponent and without losing a digit', () => {
    expect(decimalText(1e-7)).toBe('0.0000001');
    expect(decimalText(1.5e21)).toBe('1500000000000000000000');
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(decimalText(number)).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(decimalText(number)) === number).toBe(true);
      }),
    );
  });
});

describe('isDay', () => {
  it('knows the calendar', () => {
    expect(['2028-02-29', '2026-12-31'].every(isDay)).toBe(true);
    expect(['2026-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00:00'].some(isDay)).toBe(false);
  });
});
