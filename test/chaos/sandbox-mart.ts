/**
 * The mart compared with the Plytix sandbox, row by row. What a row must say is spelt out here once more, from the
 * ownership rules and the mapping as a person reads them, and not computed by the code under test.
 */
import { queryOnce } from './hub-view';

/** A line of the sandbox's `GET /admin/state`, as far as it is compared. */
interface SandboxRow {
  id: string;
  sku: string;
  label: string | null;
  gtin: string | null;
  status: string;
  parent_id: string | null;
  product_level: number;
  attributes: Record<string, unknown>;
}

/** What is compared of one record: column or custom attribute → text. */
type Facts = Record<string, string>;
type Table = Map<string, Facts>;

/** Attributes of Plytix that have a place of their own in the mart, or that Plytix does not own. */
const NOT_CUSTOM = {
  product: [
    'description',
    'description_de',
    'brand',
    'season',
    'launch_date',
    'hero_image',
    'gallery',
    'stock',
  ],
  variant: [
    'size',
    'colour',
    'fit',
    'composition',
    'season',
    'description_de',
    'hero_image',
    'gallery',
    'stock',
  ],
} as const;

export async function sandboxState(adminUrl: string): Promise<SandboxRow[]> {
  const text = await (await fetch(`${adminUrl}/state`)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SandboxRow);
}

/** Every difference between the live rows of the mart and the sandbox, in words. Empty when there is none. */
export async function martDifferences(martUrl: string, adminUrl: string): Promise<string[]> {
  const state = await sandboxState(adminUrl);
  const codes = new Map(state.map((row) => [row.id, row.sku]));
  const expected: Table = new Map();
  for (const row of state) expected.set(...expectedRow(row, codes));
  const { rows, problems } = await martRows(martUrl);
  return [...problems, ...differences(expected, rows)];
}

function expectedRow(row: SandboxRow, codes: ReadonlyMap<string, string>): [string, Facts] {
  const { attributes: all } = row;
  const entity = row.product_level >= 2 ? 'variant' : 'product';
  const media = [all.hero_image, all.gallery].flat().filter((id) => id !== undefined);
  const common = {
    name: textOf(row.label),
    status: row.status,
    media: textOf(media.map((id) => `plytix:${String(id)}`).sort()),
    'description.de': textOf(all.description_de),
  };
  const own: Facts =
    entity === 'product'
      ? { brand: textOf(all.brand), description: textOf(all.description) }
      : {
          parent: textOf(codes.get(row.parent_id ?? '')),
          gtin: textOf(row.gtin),
          size: textOf(all.size),
          colour: textOf(all.colour),
          fit: textOf(all.fit),
        };
  const custom = Object.entries(all).filter(
    ([label]) => !(NOT_CUSTOM[entity] as readonly string[]).includes(label),
  );
  const facts = { ...common, ...own, ...customFacts(Object.fromEntries(custom)) };
  return [`${entity} ${row.sku}`, facts];
}

interface MartRow {
  label: string;
  columns: Record<string, string | null>;
  media: { asset_id: string }[] | null;
  localised: { description?: { de?: string } } | null;
  custom: Record<string, unknown> | null;
}

const PRODUCTS = `select 'product ' || code as label, media, localised, custom,
  jsonb_build_object('name', name, 'status', status, 'brand', brand, 'description', description) as columns
  from product where deleted_at is null`;
const VARIANTS = `select 'variant ' || sku as label, media, localised, custom,
  jsonb_build_object('name', name, 'status', status, 'parent', product_code, 'gtin', gtin, 'size', size,
    'colour', colour, 'fit', fit) as columns
  from variant where deleted_at is null`;

async function martRows(martUrl: string): Promise<{ rows: Table; problems: string[] }> {
  const rows: Table = new Map();
  const problems: string[] = [];
  for (const row of await queryOnce<MartRow>(martUrl, `${PRODUCTS} union all ${VARIANTS}`)) {
    if (rows.has(row.label)) problems.push(`${row.label} is there twice`);
    const columns = Object.entries(row.columns).map(([name, value]) => [name, textOf(value)]);
    rows.set(row.label, {
      ...(Object.fromEntries(columns) as Facts),
      media: textOf((row.media ?? []).map(({ asset_id }) => asset_id).sort()),
      'description.de': textOf(row.localised?.description?.de),
      ...customFacts(row.custom ?? {}),
    });
  }
  return { rows, problems };
}

function customFacts(custom: Record<string, unknown>): Facts {
  const facts = Object.entries(custom).map(([name, value]) => [`custom.${name}`, textOf(value)]);
  return Object.fromEntries(facts.filter(([, text]) => text !== '')) as Facts;
}

/** Numbers, decimals kept as text and lists, made comparable. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.map(textOf).join(' | ') : String(value);
}

function differences(expected: Table, actual: Table): string[] {
  const missing = [...expected.keys()]
    .filter((name) => !actual.has(name))
    .map((name) => `${name} is missing`);
  const extra = [...actual.keys()]
    .filter((name) => !expected.has(name))
    .map((name) => `${name} should not be`);
  const changed = [...expected].flatMap(([name, facts]) => {
    const found = actual.get(name);
    if (!found) return [];
    const names = new Set([...Object.keys(facts), ...Object.keys(found)]);
    return [...names]
      .filter((field) => (facts[field] ?? '') !== (found[field] ?? ''))
      .map((field) => `${name}: ${field} is "${found[field] ?? ''}", not "${facts[field] ?? ''}"`);
  });
  return [...missing, ...extra, ...changed];
}
