import * as fc from 'fast-check';
import { decimalText, JsonNumber, parseJson } from './lossless-json';

describe('parseJson', () => {
  it('keeps the digits that a JavaScript number would lose', () => {
    const parsed = parseJson('{"a": 1.10, "b": 0.1000, "c": 12345678901234567890, "d": 1.5}');
    expect(parsed).toEqual({
      a: new JsonNumber('1.10'),
      b: new JsonNumber('0.1000'),
      c: new JsonNumber('12345678901234567890'),
      d: 1.5,
    });
  });

  it('leaves texts alone that look like numbers or like its own marks', () => {
    const text =
      '{"1.10": "1.10", "b": "number~0~1.10", "c": "\\u006eumber~1~2.20", "d": 2.20, "e": "\\"3.30\\" 4.40"}';
    expect(parseJson(text)).toEqual({
      '1.10': '1.10',
      b: 'number~0~1.10',
      c: 'number~1~2.20',
      d: new JsonNumber('2.20'),
      e: '"3.30" 4.40',
    });
  });

  it('gives back what JSON.parse gives, for any value whose numbers it can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('throws on what is not JSON', () => {
    expect(() => parseJson('{"a": 1.10')).toThrow(SyntaxError);
  });
});

describe('decimalText', () => {
  it.each([
    ['12.50', '12.50'],
    [12.5, '12.5'],
    ['+007.10', '7.10'],
    ['1.5e3', '1500'],
    ['1.25e-3', '0.00125'],
    ['12.5e-1', '1.25'],
    ['1.2345e2', '123.45'],
    ['-0', '0'],
    ['-0.10', '-0.10'],
    [new JsonNumber('0.1000'), '0.1000'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
  ])('writes %s as %s', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });

  it.each(['', 'abc', '1,5', '1e999999999', NaN, Infinity, null, true])('refuses %s', (value) => {
    expect(decimalText(value)).toBeNull();
  });

  it('never changes the number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
        expect(Number(decimalText(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
