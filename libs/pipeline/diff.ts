import type { AttributePath, Attributes, AttributeValue } from '#contracts';

/**
 * Equality of values: fields of objects in any order, items of lists in theirs. An absent field differs from
 * one that is null.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  const [fieldsOfA, fieldsOfB] = [Object.entries(a), new Map(Object.entries(b))];
  if (fieldsOfA.length !== fieldsOfB.size) return false;
  return fieldsOfA.every(([name, value]) => fieldsOfB.has(name) && deepEqual(value, fieldsOfB.get(name)));
}

/** How an attribute changed. `undefined` is absent, null is cleared. */
export interface AttributeChange {
  attribute: AttributePath;
  before: AttributeValue | undefined;
  after: AttributeValue | undefined;
}

/**
 * What differs between two states of a record, for people: named attributes first, then those in maps, each by
 * name. A state of null is a record that does not exist.
 */
export function diffAttributes(before: Attributes | null, after: Attributes | null): AttributeChange[] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(byName);
  return names
    .map((attribute) => ({ attribute, before: old.get(attribute), after: now.get(attribute) }))
    .filter((change) => !deepEqual(change.before, change.after));
}

/**
 * A record's new full known state after an observation: what was observed; null for what was known before and
 * is missing now, since then it was cleared; the previous value for what is in `kept`, the attributes that were
 * there but could not be mapped. What is in `kept` and was never known stays absent.
 */
export function mergeObserved(
  previous: Attributes | null,
  observed: Attributes,
  kept: readonly AttributePath[],
): Attributes {
  const [old, now, keep] = [entriesOf(previous), entriesOf(observed), new Set(kept)];
  const merged = new Map<AttributePath, AttributeValue>();
  for (const [attribute, value] of old) merged.set(attribute, keep.has(attribute) ? value : null);
  for (const [attribute, value] of now) if (!keep.has(attribute)) merged.set(attribute, value);
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function entriesOf(attributes: Attributes | null): Map<AttributePath, AttributeValue> {
  return new Map(Object.entries(attributes ?? {}));
}

function byName(a: AttributePath, b: AttributePath): number {
  const [inMapA, inMapB] = [a.includes('.'), b.includes('.')];
  if (inMapA !== inMapB) return inMapA ? 1 : -1;
  return a < b ? -1 : 1;
}
