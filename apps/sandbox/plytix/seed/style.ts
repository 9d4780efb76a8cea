import type { ObjectIds } from '../../kit/object-id';
import type { SeededRandom } from '../../kit/random';
import type { Actor, Asset, Product, Status } from '../model';
import { gtinCheckDigit } from '../products/values';
import { assetBytes } from '../resources/asset-shape';
import { BRANDS, COLOURS, FEATURES, FITS, SEASONS } from './vocabulary';
import type { Colour, Kind } from './vocabulary';

/** What is settled about a style before its own dice are thrown. */
export interface StyleFrame {
  number: number;
  kind: Kind;
  colourCount: number;
  sizeCount: number;
  createdMs: number;
  familyId: string;
  categoryId: string;
  bulkEdits: readonly number[];
  actor: Actor;
}

export interface SeededStyle {
  assets: Asset[];
  /** The parent first, then its variants by colour and size. */
  products: Product[];
}

/** One style: a parent `ST-1042` with its variants `ST-1042-NAV-M`, and its pictures. */
export function seedStyle(frame: StyleFrame, random: SeededRandom, ids: ObjectIds): SeededStyle {
  const code = `ST-${frame.number}`;
  const colours = random.sample(COLOURS, frame.colourCount);
  const assets = pictures(frame, code, colours, ids);
  const parent = seedParent(frame, code, assets, random, ids);
  const sizes = frame.kind.sizes.slice(0, frame.sizeCount);
  const variants = colours.flatMap((colour) =>
    sizes.map((size, place) => seedVariant(frame, parent, colour, { size, place }, random, ids)),
  );
  // The parent was touched when its last variant was attached.
  const attached = variants.at(-1)?.created ?? parent.created;
  const products = [{ ...parent, modified: Math.max(parent.modified, attached) }, ...variants];
  return { assets, products: edited(products, frame, random) };
}

function seedParent(
  frame: StyleFrame,
  code: string,
  assets: readonly Asset[],
  random: SeededRandom,
  ids: ObjectIds,
): Product {
  const { kind } = frame;
  const material = random.pick(kind.materials);
  const label = `${material.en} ${kind.noun}`;
  const [hero, ...gallery] = assets.map(({ id }) => id);
  const attributes: Product['attributes'] = {
    name_de: `${kind.german} (${material.de})`,
    description: `<p>${label} in <strong>${material.composition.toLowerCase()}</strong>. Cut to be worn for years.</p>`,
    description_de: `<p>${kind.german}, ${material.de}. Für viele Jahre gemacht.</p>`,
    brand: random.pick(BRANDS),
    season: random.pick(SEASONS),
    launch_date: new Date(frame.createdMs + random.between(60, 200) * 86_400_000).toISOString().slice(0, 10),
    sustainable: random.chance(0.4),
    product_page: `https://shop.example.com/${code.toLowerCase()}`,
    composition: material.composition,
    care: material.care,
    hero_image: hero!,
  };
  const features = random.sample(FEATURES, random.between(0, 3));
  if (features.length > 0) attributes['features'] = features;
  if (kind.family === 'Apparel') attributes['fit'] = random.pick(FITS);
  if (gallery.length > 0) attributes['gallery'] = gallery;
  return {
    ...bare(frame, frame.createdMs, ids),
    sku: code,
    label,
    status: status(random),
    attributes,
    thumbnail: hero!,
    categories: [frame.categoryId],
  };
}

function seedVariant(
  frame: StyleFrame,
  parent: Product,
  colour: Colour,
  { size, place }: { size: string; place: number },
  random: SeededRandom,
  ids: ObjectIds,
): Product {
  const created = frame.createdMs + 1_000 + random.between(0, 4) * 250;
  const id = ids.next(created);
  const attributes: Product['attributes'] = {
    colour: colour.name,
    size,
    weight: Math.round(frame.kind.weight * (0.9 + 0.05 * place)) / 1000,
  };
  if (random.chance(0.8)) attributes['stock'] = random.between(0, 60);
  return {
    ...bare(frame, created, ids),
    id,
    sku: `${parent.sku}-${colour.code}-${size}`,
    label: `${parent.label} ${colour.name} ${size}`,
    gtin: gtin(id),
    status: parent.status,
    parent_id: parent.id,
    attributes,
  };
}

function bare(frame: StyleFrame, created: number, ids: ObjectIds): Product {
  return {
    id: ids.next(created),
    sku: '',
    label: null,
    gtin: null,
    status: 'Draft',
    parent_id: null,
    family_id: frame.familyId,
    attributes: {},
    overwritten: [],
    thumbnail: null,
    categories: [],
    created,
    created_by: frame.actor,
    modified: created,
    modified_by: frame.actor,
  };
}

function pictures(frame: StyleFrame, code: string, colours: readonly Colour[], ids: ObjectIds): Asset[] {
  const views = [
    { name: 'front', rgb: colours[0]!.rgb },
    { name: 'back', rgb: colours[0]!.rgb },
    ...colours.slice(1).map((colour) => ({ name: colour.code.toLowerCase(), rgb: colour.rgb })),
  ];
  return views.map(({ name, rgb }) => ({
    id: ids.next(frame.createdMs),
    filename: `${code}_${name}.png`,
    rgb,
    file_size: pictureSize(rgb),
    created: frame.createdMs,
    created_by: frame.actor,
    modified: frame.createdMs,
    modified_by: frame.actor,
  }));
}

const pictureSizes = new Map<number, number>();

function pictureSize(rgb: number): number {
  const known = pictureSizes.get(rgb) ?? assetBytes({ rgb }, 'file').length;
  pictureSizes.set(rgb, known);
  return known;
}

function status(random: SeededRandom): Status {
  if (random.chance(0.8)) return 'Completed';
  return random.chance(0.8) ? 'Draft' : 'Archived';
}

/** A third was part of a bulk edit, some were edited one by one, the rest is as it was created. */
function edited(products: Product[], frame: StyleFrame, random: SeededRandom): Product[] {
  const bulk = random.chance(0.34) ? random.pick(frame.bulkEdits) : null;
  return products.map((product) => {
    const later = random.chance(0.1)
      ? product.modified + random.between(1, 40 * 86_400) * 1000
      : product.modified;
    return { ...product, modified: Math.max(bulk ?? 0, later) };
  });
}

/** A 13-digit GTIN of the number range for use inside a company (prefix 29), numbered by the id's counter. */
function gtin(id: string): string {
  const serial = Number.parseInt(id.slice(-6), 16);
  const digits = `29${String(serial).padStart(10, '0')}`;
  return digits + gtinCheckDigit(digits);
}
