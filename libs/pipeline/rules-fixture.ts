/** For specs only: small rules, and contributions that carry an origin for each attribute. */
import type { Attributes } from '#contracts';
import type { Contribution } from './fold';
import type { OwnershipRules } from './ownership';
import { parseOwnership } from './parse-ownership';
import { RulesError } from './problems';
import type { Systems } from './systems';

export const SYSTEMS: Systems = new Map([
  ['centric', { title: 'Centric PLM', kind: 'plm' }],
  ['plytix', { title: 'Plytix', kind: 'pim' }],
  ['photoshelter', { title: 'PhotoShelter', kind: 'dam' }],
  ['wms', { title: 'Warehouse', kind: 'wms' }],
]);

export function rulesOf(text: string): OwnershipRules {
  return parseOwnership(text, 'ownership.yaml', SYSTEMS);
}

/** The problems that reading throws, as people see them; fails when it throws none. */
export function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof RulesError) return error.message.split('\n');
    throw error;
  }
  throw new Error('reading rules: they were expected to be refused');
}

export const PRODUCT_ID = '00000000-0000-4000-8000-000000000001';

export function contribution(
  system: string,
  attributes: Attributes,
  rest: Partial<Contribution> = {},
): Contribution {
  const sequence = rest.sequence ?? 1;
  const origin = { eventId: `${system}-${sequence}`, tsMs: 1000 + sequence };
  const origins = Object.fromEntries(Object.keys(attributes).map((attribute) => [attribute, origin]));
  return { system, sequence, deleted: false, attributes, origins, productId: PRODUCT_ID, ...rest };
}
