/** Words of the seeded fashion catalogue. */

export interface Colour {
  name: string;
  code: string;
  rgb: number;
}

export const COLOURS: readonly Colour[] = [
  { name: 'Black', code: 'BLK', rgb: 0x1d1d1f },
  { name: 'White', code: 'WHT', rgb: 0xf4f3ef },
  { name: 'Navy', code: 'NAV', rgb: 0x1f2f55 },
  { name: 'Ecru', code: 'ECR', rgb: 0xe6dcc4 },
  { name: 'Camel', code: 'CAM', rgb: 0xb98a52 },
  { name: 'Olive', code: 'OLV', rgb: 0x5f6637 },
  { name: 'Burgundy', code: 'BUR', rgb: 0x6d1f2f },
  { name: 'Sky Blue', code: 'SKY', rgb: 0x9cc3de },
  { name: 'Charcoal', code: 'CHA', rgb: 0x45484d },
  { name: 'Rosé', code: 'ROS', rgb: 0xdba9a4 },
];

export const BRANDS = ['Nord', 'Atelier Lumen', 'Kestrel & Co', 'Faro', 'Maison Ondée'] as const;
export const SEASONS = ['SS25', 'AW25', 'SS26', 'AW26'] as const;
export const FITS = ['Slim', 'Regular', 'Relaxed', 'Oversized'] as const;
export const FEATURES = [
  'Water repellent',
  'Machine washable',
  'Stretch',
  'Reversible',
  'Two-way zip',
  'Made in Portugal',
] as const;

/** What a style is made of; its first word, its composition and its care go together. */
export interface Material {
  en: string;
  de: string;
  composition: string;
  care: string;
}

const CLOTHS: readonly Material[] = [
  { en: 'Linen', de: 'Leinen', composition: '100% Linen', care: '30°, gentle' },
  {
    en: 'Washed Linen',
    de: 'gewaschenes Leinen',
    composition: '55% Linen, 45% Cotton',
    care: '30°, no tumble dryer',
  },
  { en: 'Cotton', de: 'Baumwolle', composition: '100% Cotton', care: '40°, wash with like colours' },
  { en: 'Organic Cotton', de: 'Bio-Baumwolle', composition: '98% Cotton, 2% Elastane', care: '30°, gentle' },
  { en: 'Merino', de: 'Merinowolle', composition: '100% Merino wool', care: 'Hand wash only' },
  { en: 'Boiled Wool', de: 'Walkwolle', composition: '80% Wool, 20% Polyamide', care: 'Dry clean only' },
  { en: 'Silk Blend', de: 'Seidenmischung', composition: '70% Viscose, 30% Silk', care: 'Hand wash only' },
];

const LEATHERS: readonly Material[] = [
  { en: 'Leather', de: 'Leder', composition: '100% Leather', care: 'Wipe with a damp cloth' },
  { en: 'Suede', de: 'Veloursleder', composition: '100% Suede leather', care: 'Brush dry' },
  {
    en: 'Grained Leather',
    de: 'genarbtes Leder',
    composition: '100% Leather',
    care: 'Wipe with a damp cloth',
  },
  {
    en: 'Canvas',
    de: 'Canvas',
    composition: '100% Cotton canvas, rubber trim',
    care: 'Wipe with a damp cloth',
  },
];

export interface Kind {
  noun: string;
  german: string;
  /** Path in the tree of categories. */
  category: readonly [string, string];
  family: 'Apparel' | 'Footwear' | 'Accessories';
  sizes: readonly string[];
  materials: readonly Material[];
  /** Grams of the middle size. */
  weight: number;
}

const LETTERS = ['XS', 'S', 'M', 'L', 'XL'];
const SHOES = ['37', '38', '39', '40', '41'];
const BELTS = ['75', '85', '95', '105', '115'];

export const KINDS: readonly Kind[] = [
  {
    noun: 'Shirt',
    german: 'Hemd',
    category: ['Clothing', 'Shirts'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 240,
  },
  {
    noun: 'T-Shirt',
    german: 'T-Shirt',
    category: ['Clothing', 'T-Shirts'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 170,
  },
  {
    noun: 'Dress',
    german: 'Kleid',
    category: ['Clothing', 'Dresses'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 390,
  },
  {
    noun: 'Trousers',
    german: 'Hose',
    category: ['Clothing', 'Trousers'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 460,
  },
  {
    noun: 'Jumper',
    german: 'Pullover',
    category: ['Clothing', 'Knitwear'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 520,
  },
  {
    noun: 'Coat',
    german: 'Mantel',
    category: ['Clothing', 'Coats & Jackets'],
    family: 'Apparel',
    sizes: LETTERS,
    materials: CLOTHS,
    weight: 1350,
  },
  {
    noun: 'Sneaker',
    german: 'Sneaker',
    category: ['Shoes', 'Sneakers'],
    family: 'Footwear',
    sizes: SHOES,
    materials: LEATHERS,
    weight: 780,
  },
  {
    noun: 'Boot',
    german: 'Stiefel',
    category: ['Shoes', 'Boots'],
    family: 'Footwear',
    sizes: SHOES,
    materials: LEATHERS,
    weight: 1180,
  },
  {
    noun: 'Belt',
    german: 'Gürtel',
    category: ['Accessories', 'Belts'],
    family: 'Accessories',
    sizes: BELTS,
    materials: LEATHERS,
    weight: 190,
  },
  {
    noun: 'Gloves',
    german: 'Handschuhe',
    category: ['Accessories', 'Gloves'],
    family: 'Accessories',
    sizes: LETTERS,
    materials: LEATHERS,
    weight: 110,
  },
];
