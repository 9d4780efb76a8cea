import * as fc from 'fast-check';
import { ENTITIES, TopicNames, partitionOf } from './index';

describe('TopicNames', () => {
  const sut = new TopicNames('test-1');

  it('names topics, groups and transactional ids under its prefix', () => {
    expect(sut.source('plytix', 'product')).toBe('test-1.plytix.product');
    expect(sut.catalog('variant')).toBe('test-1.catalog.variant');
    expect(sut.deadLetter).toBe('test-1.dead-letter');
    expect(sut.group('sink.postgres')).toBe('test-1.sink.postgres');
    expect(sut.transactionalId(3)).toBe('test-1.publisher.3');
    expect(new TopicNames().catalog('product')).toBe('millrace.catalog.product');
  });

  it.each(ENTITIES)('reads back what a topic of %s records holds', (entity) => {
    expect(sut.parse(sut.source('plytix', entity))).toEqual({ kind: 'source', system: 'plytix', entity });
    expect(sut.parse(sut.catalog(entity))).toEqual({ kind: 'golden', system: 'catalog', entity });
  });

  it.each([
    'test-1.dead-letter',
    'test-2.plytix.product',
    'test-1.plytix.shoe',
    'test-1.plytix.product.x',
    'test-1..product',
    '',
  ])('knows that %p is no topic of records', (topic) => {
    expect(sut.parse(topic)).toBeNull();
  });

  it('refuses a prefix or system that would make names ambiguous', () => {
    expect(() => new TopicNames('a.b')).toThrow('the prefix "a.b" may only have');
    expect(() => sut.source('a.b', 'product')).toThrow('the system "a.b" may only have');
    expect(() => sut.source('catalog', 'product')).toThrow('no system may be called catalog');
  });
});

describe('partitionOf', () => {
  it('gives the CRC-32 of the bytes of the hub_id, modulo partitions', () => {
    // zlib.crc32(uuid.UUID('0191b0a2-…').bytes) in Python is 439407617
    expect(partitionOf('0191b0a2-7c3e-7d4b-8a55-0123456789ab', 6)).toBe(439_407_617 % 6);
    expect(partitionOf('0191b0a2-7c3e-7d4b-8a55-0123456789ab', 1_000_000_007)).toBe(439_407_617);
  });

  it('spreads products over all partitions', () => {
    const seen = fc.sample(fc.uuid(), { numRuns: 600, seed: 1 }).map((id) => partitionOf(id, 6));
    const counts = [0, 1, 2, 3, 4, 5].map((partition) => seen.filter((one) => one === partition).length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });

  it('refuses what is not a hub_id or not a number of partitions', () => {
    expect(() => partitionOf('ST-1042', 6)).toThrow('"ST-1042" is not a hub_id');
    expect(() => partitionOf('0191B0A2-7C3E-7D4B-8A55-0123456789AB', 6)).toThrow('is not a hub_id');
    expect(() => partitionOf('0191b0a2-7c3e-7d4b-8a55-0123456789ab', 0)).toThrow('0 is not a number');
  });
});
