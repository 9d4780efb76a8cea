import type { ObjectIds } from '../../kit/object-id';
import { attributeField } from '../model';
import type { Attribute, AttributeGroup, AttributeType, Category, Family, FamilyLevel } from '../model';
import { BRANDS, COLOURS, FEATURES, FITS, KINDS, SEASONS } from './vocabulary';

interface Definition {
  name: string;
  type: AttributeType;
  group: string;
  level: FamilyLevel;
  options?: readonly string[];
  description?: string;
}

const SIZES = [...new Set(KINDS.flatMap(({ sizes }) => sizes))];

/** Attributes of the account. `level` says whether variants inherit them; the label follows from the name. */
const DEFINITIONS: readonly Definition[] = [
  { name: 'Name DE', type: 'TextAttribute', group: 'Texts', level: 'parent_level' },
  { name: 'Description', type: 'HtmlAttribute', group: 'Texts', level: 'parent_level' },
  { name: 'Description DE', type: 'HtmlAttribute', group: 'Texts', level: 'parent_level' },
  { name: 'Brand', type: 'DropdownAttribute', group: 'Style', level: 'parent_level', options: BRANDS },
  { name: 'Season', type: 'DropdownAttribute', group: 'Style', level: 'parent_level', options: SEASONS },
  { name: 'Launch date', type: 'DateAttribute', group: 'Style', level: 'parent_level' },
  {
    name: 'Features',
    type: 'MultiSelectAttribute',
    group: 'Style',
    level: 'parent_level',
    options: FEATURES,
  },
  { name: 'Sustainable', type: 'BooleanAttribute', group: 'Style', level: 'parent_level' },
  { name: 'Product page', type: 'UrlAttribute', group: 'Texts', level: 'parent_level' },
  { name: 'Composition', type: 'TextAttribute', group: 'Material', level: 'parent_level' },
  { name: 'Care', type: 'MultilineAttribute', group: 'Material', level: 'parent_level' },
  {
    name: 'Colour',
    type: 'DropdownAttribute',
    group: 'Variant',
    level: 'no_level',
    options: COLOURS.map(({ name }) => name),
  },
  { name: 'Size', type: 'DropdownAttribute', group: 'Variant', level: 'no_level', options: SIZES },
  { name: 'Fit', type: 'DropdownAttribute', group: 'Variant', level: 'parent_level', options: FITS },
  { name: 'Weight', type: 'DecimalAttribute', group: 'Variant', level: 'no_level', description: 'Kilograms' },
  {
    name: 'Stock',
    type: 'IntAttribute',
    group: 'Variant',
    level: 'no_level',
    description: 'Imported by hand now and then. Not to be trusted.',
  },
  { name: 'Hero image', type: 'MediaAttribute', group: 'Media', level: 'parent_level' },
  { name: 'Gallery', type: 'MediaGalleryAttribute', group: 'Media', level: 'parent_level' },
];

export interface SeededDefinitions {
  attributes: Attribute[];
  groups: AttributeGroup[];
  families: Family[];
  categories: Category[];
}

/** Attributes, groups, families and categories: what an account without products has, too. */
export function seedDefinitions(
  ids: ObjectIds,
  atMs: number,
  slug: (name: string) => string,
): SeededDefinitions {
  const attributes = DEFINITIONS.map(({ name, type, options, description }): Attribute => ({
    id: ids.next(atMs),
    label: slug(name),
    name,
    type_class: type,
    description: description ?? null,
    options: [...(options ?? [])],
    manual_sorting: true,
    sort_ascending: true,
    created: atMs,
  }));
  const groupNames = [...new Set(DEFINITIONS.map(({ group }) => group))];
  const groups = groupNames.map((name, order): AttributeGroup => ({
    id: ids.next(atMs),
    name,
    order,
    attribute_labels: DEFINITIONS.filter(({ group }) => group === name).map((definition) =>
      slug(definition.name),
    ),
  }));
  const levels: Record<string, FamilyLevel> = {
    label: 'no_level',
    categories: 'parent_level',
    thumbnail: 'parent_level',
  };
  for (const { name, level } of DEFINITIONS) levels[attributeField(slug(name))] = level;
  const families = ['Apparel', 'Footwear', 'Accessories'].map((name): Family => ({
    id: ids.next(atMs),
    name,
    model_id: ids.next(atMs),
    levels: name === 'Apparel' ? levels : withoutFit(levels),
    created: atMs,
    modified: atMs,
  }));
  return { attributes, groups, families, categories: seedCategories(ids, atMs) };
}

function withoutFit(levels: Record<string, FamilyLevel>): Record<string, FamilyLevel> {
  return Object.fromEntries(Object.entries(levels).filter(([field]) => field !== attributeField('fit')));
}

function seedCategories(ids: ObjectIds, atMs: number): Category[] {
  const categories: Category[] = [];
  const add = (name: string, parent_id: string | null): Category => {
    const known = categories.find((other) => other.name === name && other.parent_id === parent_id);
    if (known) return known;
    const position = categories.filter((other) => other.parent_id === parent_id).length;
    const row = { id: ids.next(atMs), name, parent_id, position, created: atMs, modified: atMs };
    categories.push(row);
    return row;
  };
  for (const { category } of KINDS) add(category[1], add(category[0], null).id);
  return categories;
}
