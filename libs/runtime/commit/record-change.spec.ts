import type { EntityName, Op } from '#contracts';
import { endsFirst, placeKey, repeatNeighbours } from './record-change';
import type { RecordChange } from './record-change';

function change(op: Op, entity: EntityName, hubId: string, code: string, partition = 0): RecordChange {
  const after = op === 'd' ? null : { code };
  const times = { changedAtMs: 1, vendorId: null, vendorTime: null };
  return {
    op,
    entity,
    hubId,
    productId: hubId,
    version: 1,
    before: null,
    after,
    key: { code },
    partition,
    ...times,
  };
}

const words = (changes: readonly RecordChange[]): string[] =>
  changes.map(({ op, entity, hubId, key }) => `${op} ${entity} ${hubId} ${key.code}`);

describe('the order of changes', () => {
  it('is ends, variants before products; then the rest, products before variants; else as it was', () => {
    const changes = [
      change('c', 'variant', 'v1', '1'),
      change('d', 'product', 'p1', '2'),
      change('u', 'variant', 'v2', '3'),
      change('c', 'product', 'p2', '4'),
      change('d', 'variant', 'v3', '5'),
      change('r', 'product', 'p3', '6'),
    ];
    expect(words(endsFirst(changes))).toEqual([
      'd variant v3 5',
      'd product p1 2',
      'c product p2 4',
      'r product p3 6',
      'c variant v1 1',
      'u variant v2 3',
    ]);
    expect(changes[0]?.op).toBe('c');
  });
});

describe('a place', () => {
  it('is entity, partition and key, whatever the order of the key`s fields', () => {
    const place = placeKey({ entity: 'variant', partition: 1, key: { product: 'A', sku: 'S' } });
    expect(placeKey({ entity: 'variant', partition: 1, key: { sku: 'S', product: 'A' } })).toBe(place);
    expect(placeKey({ entity: 'variant', partition: 2, key: { product: 'A', sku: 'S' } })).not.toBe(place);
    expect(placeKey({ entity: 'variant', partition: 1, key: { product: 'S', sku: 'A' } })).not.toBe(place);
    expect(placeKey({ entity: 'product', partition: 1, key: { product: 'A', sku: 'S' } })).not.toBe(place);
  });
});

describe('repeats of neighbours', () => {
  const a = change('c', 'product', 'a', 'A');
  const b = change('c', 'product', 'b', 'A');

  it('follow where one record ends and another stands', () => {
    expect(repeatNeighbours([change('d', 'product', 'b', 'A')], [a])).toEqual([
      { ...a, op: 'r', before: null },
    ]);
  });

  it('are not needed where the one that stands was written last', () => {
    expect(repeatNeighbours([change('d', 'product', 'b', 'A'), a], [a])).toEqual([]);
  });

  it('are needed where the one that stands was written before the end', () => {
    expect(repeatNeighbours([a, change('d', 'product', 'b', 'A')], [a])).toHaveLength(1);
  });

  it('are not needed where nothing ended', () => {
    expect(repeatNeighbours([b], [a, b])).toEqual([]);
  });

  it('do not cross partitions', () => {
    expect(repeatNeighbours([change('d', 'product', 'b', 'A', 1)], [a])).toEqual([]);
  });

  it('come in one order, whatever the order of what stands', () => {
    const ended = [change('d', 'product', 'c', 'A')];
    expect(words(repeatNeighbours(ended, [b, a]))).toEqual(words(repeatNeighbours(ended, [a, b])));
  });
});
