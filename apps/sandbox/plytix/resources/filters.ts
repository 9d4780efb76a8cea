import { json } from '../../http/answer';
import type { JsonObject } from '../../http/answer';
import type { ApiCall, ApiRoute } from '../api';
import { STATUSES } from '../model';
import { filterTypeOf } from '../products/search';
import { LISTED_OPERATORS } from '../search/operators';
import type { FilterType } from '../search/operators';

/** Discovery of what can be filtered: singular, singular, plural, as the service has it. */
export function filterRoutes(): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/filters/product',
      handle: (call) => answer(productFilters(call), PROPERTIES),
    },
    { method: 'GET', path: '/api/v1/filters/asset', handle: () => answer(ASSET_FILTERS) },
    { method: 'GET', path: '/api/v1/filters/relationships', handle: () => answer(RELATIONSHIP_FILTERS) },
  ];
}

const PROPERTIES: JsonObject[] = ['_is_variation', '_has_variations'].map((key) => ({
  key,
  filter_type: 'BooleanAttribute',
  operators: ['eq'],
}));

function answer(attributes: JsonObject[], properties?: JsonObject[]): ReturnType<ApiRoute['handle']> {
  return json(200, { data: [properties ? { attributes, properties } : { attributes }] });
}

function filter(
  key: string,
  type: FilterType,
  options?: readonly (string | number)[],
  operators?: string[],
): JsonObject {
  return {
    key,
    filter_type: type === 'IdFilter' ? 'TextAttribute' : type,
    operators: operators ?? [...LISTED_OPERATORS[type]],
    ...(options ? { options: [...options] } : {}),
  };
}

function productFilters(call: ApiCall): JsonObject[] {
  const lists = ['exists', '!exists', 'in', '!in'];
  const system = [
    filter('created', 'DateAttribute'),
    filter('modified', 'DateAttribute'),
    filter('sku', 'TextAttribute'),
    filter('gtin', 'TextAttribute'),
    filter('label', 'TextAttribute'),
    filter('status', 'DropdownAttribute', STATUSES, ['eq', 'in', '!in']),
    filter('categories', 'MultiSelectAttribute', undefined, lists),
    filter('static_lists', 'MultiSelectAttribute', undefined, lists),
    filter('assets', 'MediaAttribute'),
    filter('images', 'MediaAttribute'),
    filter('thumbnail', 'MediaAttribute'),
    filter('product_level', 'IntAttribute', [0, 1, 2, 3]),
  ];
  const custom = [...call.tenant.store.attributes.values()].map(({ label, type_class, options }) => {
    const type = filterTypeOf(type_class);
    const hasOptions = type === 'DropdownAttribute' || type === 'MultiSelectAttribute';
    return filter(`attributes.${label}`, type, hasOptions ? options : undefined);
  });
  return [...system, ...custom];
}

const FILE_TYPES = ['IMAGES', 'SOUNDS', 'VIDEOS', 'COMPRESSED', 'REPORTS', 'TEXTS', 'OTHER'];

const ASSET_FILTERS: JsonObject[] = [
  filter('status', 'DropdownAttribute', ['ACTIVE']),
  filter('file_type', 'DropdownAttribute', FILE_TYPES),
  filter('assigned', 'BooleanAttribute'),
  filter('file_size', 'IntAttribute'),
  filter('id', 'IdFilter'),
  filter('categories', 'MultiSelectAttribute'),
  filter('extension', 'TextAttribute'),
  filter('created', 'DateAttribute'),
  filter('modified', 'DateAttribute'),
  filter('filename', 'TextAttribute'),
];

const RELATIONSHIP_FILTERS: JsonObject[] = [
  filter('label', 'TextAttribute'),
  filter('name', 'TextAttribute'),
  filter('created', 'DateAttribute'),
  filter('modified', 'DateAttribute'),
  filter('symmetrical', 'BooleanAttribute'),
  filter('id', 'IdFilter'),
];
