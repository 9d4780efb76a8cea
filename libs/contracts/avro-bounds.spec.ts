import { boundsCheck } from './avro-bounds';
import { DecodeError } from './errors';

const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe('boundsCheck', () => {
  it('finds the end of every type of datum', () => {
    const sut = boundsCheck({
      type: 'record',
      name: 'All',
      namespace: 'test',
      fields: [
        { name: 'text', type: 'string' },
        { name: 'flag', type: 'boolean' },
        { name: 'number', type: 'double' },
        { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
        { name: 'again', type: 'Hash' },
        { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED'] } },
        { name: 'maybe', type: ['null', 'test.Hash'] },
        { name: 'list', type: { type: 'array', items: 'long' } },
        { name: 'map', type: { type: 'map', values: 'bytes' } },
      ],
    });
    const datum = Buffer.from(`024101${'00'.repeat(8)}01020304000205060304000200020242020900`, 'hex');
    expect(sut(Buffer.concat([Buffer.alloc(5), datum, Buffer.alloc(3)]), 5)).toBe(5 + datum.length);
    for (let end = 0; end < datum.length; end += 1) {
      expect(() => sut(datum.subarray(0, end), 0)).toThrow(DecodeError);
    }
  });

  it('refuses counts and lengths beyond the bytes that are there, at once', () => {
    const huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    const array = boundsCheck({ type: 'array', items: 'string' });
    expect(() => array(bytes(...huge), 0)).toThrow('they end before the record does');
    expect(() => array(bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 2), 0)).toThrow(DecodeError);
    expect(() => boundsCheck('string')(bytes(...huge), 0)).toThrow(DecodeError);
    expect(() => boundsCheck('string')(bytes(1), 0)).toThrow(DecodeError);
    expect(() => boundsCheck('long')(Buffer.alloc(20, 0xff), 0)).toThrow('more than ten bytes');
    expect(() => boundsCheck(['null', 'long'])(bytes(6, 0), 0)).toThrow('a union has no branch 3');
  });

  it('follows a type that contains itself', () => {
    const sut = boundsCheck({
      type: 'record',
      name: 'Node',
      fields: [{ name: 'next', type: ['null', 'Node'] }],
    });
    expect(sut(bytes(2, 2, 0), 0)).toBe(3);
  });

  it('refuses a schema with an unknown type', () => {
    expect(() => boundsCheck(['null', 'Nothing'])).toThrow('the type Nothing is not defined');
  });
});
