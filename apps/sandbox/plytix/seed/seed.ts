import { ObjectIds } from '../../kit/object-id';
import { SeededRandom } from '../../kit/random';
import type { Category } from '../model';
import { slug } from '../resources/attributes';
import { put } from '../store';
import type { Change, SeedMark } from '../store';
import { SYSTEM_ACTOR } from '../tenant';
import { seedDefinitions } from './definitions';
import { seedStyle } from './style';
import type { StyleFrame } from './style';
import { KINDS } from './vocabulary';

/** The catalogue ends here, so that the same seed gives the same times on every day. */
const CATALOGUE_END = Date.UTC(2025, 10, 3, 8, 0, 0);
const CATALOGUE_SPAN_MS = 540 * 86_400_000;

/** Colours by sizes; each block of five styles has 50 variants, so ten on average. */
const SHAPES: readonly (readonly [colours: number, sizes: number])[] = [
  [2, 5],
  [3, 4],
  [2, 4],
  [3, 5],
  [1, 5],
];
const REMAINDER_SHAPE = SHAPES[0]!;

/**
 * A fashion catalogue of `mark.products` styles with exactly ten times as many variants. Deterministic: equal marks
 * give equal rows, ids and times included. 0 gives an account with definitions only.
 */
export function seedCatalogue(mark: SeedMark): Change[] {
  const random = new SeededRandom(mark.seed);
  const marker = Buffer.alloc(5);
  marker.writeUInt32BE(mark.seed >>> 0, 1);
  const ids = new ObjectIds(marker);
  const start = CATALOGUE_END - CATALOGUE_SPAN_MS;
  const definitions = seedDefinitions(ids, start, slug);
  const changes: Change[] = [
    ...definitions.attributes.map((row) => put('attributes', row)),
    ...definitions.groups.map((row) => put('groups', row)),
    ...definitions.families.map((row) => put('families', row)),
    ...definitions.categories.map((row) => put('categories', row)),
  ];
  const bulkEdits = bulkEditTimes(random);
  for (const [index, shape] of shapes(mark.products, random).entries()) {
    const kind = random.pick(KINDS);
    const age = (CATALOGUE_SPAN_MS * 0.8 * index) / mark.products;
    const frame: StyleFrame = {
      number: 1001 + index,
      kind,
      colourCount: shape[0],
      sizeCount: shape[1],
      createdMs: Math.floor(start + 3_600_000 + age),
      familyId: definitions.families.find(({ name }) => name === kind.family)!.id,
      categoryId: leafOf(definitions.categories, kind.category),
      bulkEdits,
      actor: SYSTEM_ACTOR,
    };
    const style = seedStyle(frame, random, ids);
    for (const asset of style.assets) changes.push(put('assets', asset));
    for (const product of style.products) changes.push(put('products', product));
  }
  return changes;
}

/** A bulk edit gives hundreds of products one and the same time. */
function bulkEditTimes(random: SeededRandom): number[] {
  const spread = CATALOGUE_SPAN_MS * 0.15;
  return [0, 1, 2, 3].map(() => CATALOGUE_END - Math.floor(random.next() * spread));
}

function shapes(count: number, random: SeededRandom): (readonly [number, number])[] {
  const all: (readonly [number, number])[] = [];
  for (let block = 0; block < Math.floor(count / SHAPES.length); block += 1)
    all.push(...random.shuffle(SHAPES));
  while (all.length < count) all.push(REMAINDER_SHAPE);
  return all;
}

function leafOf(categories: readonly Category[], [root, leaf]: readonly [string, string]): string {
  const parent = categories.find(({ name, parent_id }) => name === root && parent_id === null)!;
  return categories.find(({ name, parent_id }) => name === leaf && parent_id === parent.id)!.id;
}
