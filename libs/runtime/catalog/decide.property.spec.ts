import fc from 'fast-check';
import type { Attributes, HubId } from '#contracts';
import { fold, linkedProduct } from '#pipeline';
import type { GoldenState } from '#pipeline';
import type { SourceEvent } from './catalog-model';
import { CatalogWorld, hub, ofProduct, ofVariant } from './catalog-world';

const PRODUCTS = [1, 2];
const VARIANTS = [11, 12, 13];
const SYSTEMS = ['plytix', 'centric'] as const;

/** What one system says of one record next: an end, or a state with few possible values. */
const saying = fc.record({
  system: fc.constantFrom(...SYSTEMS),
  record: fc.constantFrom(...PRODUCTS, ...VARIANTS),
  of: fc.constantFrom(...PRODUCTS),
  ends: fc.nat({ max: 4 }).map((n) => n === 0),
  code: fc.constantFrom('A', 'B'),
  value: fc.constantFrom(null, 'x', 'y', 'released'),
  more: fc.boolean(),
});
type Saying = typeof saying extends fc.Arbitrary<infer T> ? T : never;

/** The sayings as events, with rising sequences; in one list for each system's record. */
function queuesOf(sayings: readonly Saying[]): SourceEvent[][] {
  const queues = new Map<string, SourceEvent[]>();
  for (const said of sayings) {
    const id = `${said.system} ${said.record}`;
    const queue = queues.get(id) ?? [];
    queues.set(id, [...queue, eventOf(said, queue.length + 1)]);
  }
  return [...queues.values()];
}

function eventOf({ system, record, of, ends, code, value, more }: Saying, sequence: number): SourceEvent {
  const extra: Attributes = more ? { season: value, composition: value, description: value } : {};
  if (PRODUCTS.includes(record)) {
    const attributes: Attributes | null = ends ? null : { code, name: value, status: value, ...extra };
    return ofProduct(system, record, { sequence, attributes });
  }
  const attributes: Attributes | null = ends
    ? null
    : { sku: `S-${code}`, product: 'as the source says', size: value, ...extra };
  return ofVariant(system, record, of, { sequence, attributes });
}

/** An arrival of all events: topics and partitions mixed at will, some delivered again. */
function arrivalOf(queues: readonly SourceEvent[][], choices: Iterator<number>): SourceEvent[] {
  const waiting = queues.map((queue) => [...queue]);
  const arrived: SourceEvent[] = [];
  const next = (): number => choices.next().value as number;
  for (;;) {
    const open = waiting.filter((queue) => queue.length > 0);
    if (open.length === 0) return arrived;
    arrived.push(open[next() % open.length]!.shift()!);
    if (next() % 4 === 0) arrived.push(arrived[next() % arrived.length]!);
  }
}

function cutAtRandom(events: readonly SourceEvent[], choices: Iterator<number>): SourceEvent[][] {
  const batches: SourceEvent[][] = [[]];
  for (const event of events) {
    if ((choices.next().value as number) % 3 === 0) batches.push([]);
    batches.at(-1)!.push(event);
  }
  return batches;
}

/** The golden record that follows from the contributions alone. */
function folded(world: CatalogWorld, hubId: HubId, entity: 'product' | 'variant'): GoldenState | null {
  const contributions = [...(world.contributions.get(hubId)?.values() ?? [])];
  const link = entity === 'variant' ? linkedProduct(contributions, world.rules) : null;
  const product = link === null ? null : folded(world, link, 'product');
  return fold({ entity, contributions, product, rules: world.rules, date: '2025-11-21' });
}

const histories = fc.array(saying, { maxLength: 20 });
const choices = fc.infiniteStream(fc.nat({ max: 1_000 }));

describe('whatever two systems say, and however it arrives', () => {
  it('neither the golden records nor the sequence of their events depend on where batches are cut', () => {
    fc.assert(
      fc.property(
        histories,
        choices,
        choices,
        fc.constantFrom(1, 2, 6),
        (sayings, arrival, cuts, partitions) => {
          const events = arrivalOf(queuesOf(sayings), arrival);
          const [single, batched, whole] = [1, 2, 3].map(() => new CatalogWorld(partitions)) as [
            CatalogWorld,
            CatalogWorld,
            CatalogWorld,
          ];
          const one = events.flatMap((event) => single.commit([event]));
          const some = cutAtRandom(events, cuts).flatMap((batch) => batched.commit(batch));
          const all = whole.commit(events);
          expect(some).toEqual(one);
          expect(all).toEqual(one);
          expect(batched.golden).toEqual(single.golden);
          expect(whole.golden).toEqual(single.golden);
          expect(whole.contributions).toEqual(single.contributions);
          for (const world of [single, batched, whole]) expect(world.stream.violations).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('the golden records end as the fold of what each system said last, in whatever order it came', () => {
    fc.assert(
      fc.property(histories, choices, choices, (sayings, arrival, cuts) => {
        const queues = queuesOf(sayings);
        const world = new CatalogWorld(2);
        for (const batch of cutAtRandom(arrivalOf(queues, arrival), cuts)) world.commit(batch);
        for (const queue of queues) {
          const { hubId, system, sequence } = queue.at(-1)!;
          expect(world.contributions.get(hubId)?.get(system)?.sequence).toBe(sequence);
        }
        for (const n of [...PRODUCTS, ...VARIANTS]) {
          const wanted = folded(world, hub(n), PRODUCTS.includes(n) ? 'product' : 'variant');
          const record = world.golden.get(hub(n));
          const stands = record?.live ? { attributes: record.attributes, productId: record.productId } : null;
          expect(stands).toEqual(wanted && { attributes: wanted.attributes, productId: wanted.productId });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('nothing is published when everything is delivered once more', () => {
    fc.assert(
      fc.property(histories, choices, (sayings, arrival) => {
        const events = arrivalOf(queuesOf(sayings), arrival);
        const world = new CatalogWorld(2);
        world.commit(events);
        expect(world.commit(events)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
