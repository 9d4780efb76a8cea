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

export const COMPOSITIONS = [
  '100% Cotton',
  '100% Linen',
  '80% Wool, 20% Polyamide',
  '55% Linen, 45% Cotton',
  '98% Cotton, 2% Elastane',
  '100% Merino wool',
  '70% Viscose, 30% Silk',
] as const;

export const CARE = [
  '30°, gentle',
  '30°, no tumble dryer',
  '40°, wash with like colours',
  'Hand wash only',
  'Dry clean only',
] as const;

/** Words in front of a garment's noun, with what the German text says for them. */
export const QUALITIES = [
  { en: 'Linen', de: 'Leinen' },
  { en: 'Washed', de: 'gewaschener Stoff' },
  { en: 'Merino', de: 'Merinowolle' },
  { en: 'Brushed', de: 'aufgerauter Stoff' },
  { en: 'Ribbed', de: 'Rippstruktur' },
  { en: 'Quilted', de: 'Steppung' },
  { en: 'Organic', de: 'Bio-Qualität' },
  { en: 'Textured', de: 'Strukturstoff' },
] as const;

export interface Kind {
  noun: string;
  german: string;
  /** Path in the tree of categories. */
  category: readonly [string, string];
  family: 'Apparel' | 'Footwear' | 'Accessories';
  sizes: readonly string[];
  /** Grams of the middle size. */
  weight: number;
}

const LETTERS = ['XS', 'S', 'M', 'L', 'XL'];
const SHOES = ['37', '38', '39', '40', '41'];
const BELTS = ['75', '85', '95', '105', '115'];

export const KINDS: readonly Kind[] = [
  { noun: 'Shirt', german: 'Hemd', category: ['Clothing', 'Shirts'], family: 'Apparel', sizes: LETTERS, weight: 240 },
  { noun: 'T-Shirt', german: 'T-Shirt', category: ['Clothing', 'T-Shirts'], family: 'Apparel', sizes: LETTERS, weight: 170 },
  { noun: 'Dress', german: 'Kleid', category: ['Clothing', 'Dresses'], family: 'Apparel', sizes: LETTERS, weight: 390 },
  { noun: 'Trousers', german: 'Hose', category: ['Clothing', 'Trousers'], family: 'Apparel', sizes: LETTERS, weight: 460 },
  { noun: 'Jumper', german: 'Pullover', category: ['Clothing', 'Knitwear'], family: 'Apparel', sizes: LETTERS, weight: 520 },
  { noun: 'Coat', german: 'Mantel', category: ['Clothing', 'Coats & Jackets'], family: 'Apparel', sizes: LETTERS, weight: 1350 },
  { noun: 'Sneaker', german: 'Sneaker', category: ['Shoes', 'Sneakers'], family: 'Footwear', sizes: SHOES, weight: 780 },
  { noun: 'Boot', german: 'Stiefel', category: ['Shoes', 'Boots'], family: 'Footwear', sizes: SHOES, weight: 1180 },
  { noun: 'Belt', german: 'Gürtel', category: ['Accessories', 'Belts'], family: 'Accessories', sizes: BELTS, weight: 190 },
  { noun: 'Gloves', german: 'Handschuhe', category: ['Accessories', 'Gloves'], family: 'Accessories', sizes: LETTERS, weight: 110 },
];
