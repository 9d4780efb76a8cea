import { fullIncompatibilities } from './index';

type Field = Record<string, unknown> & { name: string };

const text = { name: 'name', type: 'string' };
const record = (...fields: Field[]): string => JSON.stringify({ type: 'record', name: 'Value', fields });
const nested = (...fields: Field[]): string =>
  record({ name: 'after', type: ['null', { type: 'record', name: 'Inner', fields }], default: null });

describe('fullIncompatibilities', () => {
  it.each([
    ['nothing', record(text), record(text)],
    ['documentation', record({ ...text, doc: 'Name.' }), record(text)],
    [
      'a field with a default',
      record(text, { name: 'x', type: ['null', 'string'], default: null }),
      record(text),
    ],
    ['a field with a default, deep', nested(text, { name: 'x', type: 'long', default: 0 }), nested(text)],
    [
      'the order of fields',
      record(text, { name: 'x', type: 'long' }),
      record({ name: 'x', type: 'long' }, text),
    ],
  ])('allows a change of %s, in both directions', (_, next, earlier) => {
    expect(fullIncompatibilities(next, earlier)).toEqual([]);
    expect(fullIncompatibilities(earlier, next)).toEqual([]);
  });

  it('names the field that was added without a default', () => {
    expect(fullIncompatibilities(nested(text, { name: 'x', type: 'long' }), nested(text))).toEqual([
      { direction: 'backward', path: 'after.x', reason: 'the field is on one side only and has no default' },
    ]);
  });

  it('names the field that was taken away and had no default', () => {
    expect(fullIncompatibilities(record(text), record(text, { name: 'x', type: 'long' }))).toEqual([
      { direction: 'forward', path: 'x', reason: 'the field is on one side only and has no default' },
    ]);
  });

  it('refuses a widened type, which only the new schema could read', () => {
    const next = record({ name: 'x', type: 'long' });
    expect(fullIncompatibilities(next, record({ name: 'x', type: 'int' }))).toMatchObject([
      { direction: 'forward', path: 'x' },
    ]);
  });

  it('refuses another type, in both directions', () => {
    const next = nested({ name: 'x', type: { type: 'array', items: 'string' } });
    const earlier = nested({ name: 'x', type: { type: 'array', items: 'long' } });
    expect(fullIncompatibilities(next, earlier)).toMatchObject([
      { direction: 'backward', path: 'after.x' },
      { direction: 'forward', path: 'after.x' },
    ]);
  });

  it('refuses a union that gained a branch, which old readers do not know', () => {
    const next = record({ name: 'x', type: ['null', 'string', 'long'], default: null });
    const earlier = record({ name: 'x', type: ['null', 'string'], default: null });
    expect(fullIncompatibilities(next, earlier)).toEqual([
      { direction: 'forward', path: 'x', reason: 'long cannot be read as null or string' },
    ]);
  });

  it('looks into maps', () => {
    const next = record({ name: 'x', type: { type: 'map', values: 'string' } });
    const earlier = record({ name: 'x', type: { type: 'map', values: 'boolean' } });
    expect(fullIncompatibilities(next, earlier).map(({ path }) => path)).toEqual(['x', 'x']);
  });
});
