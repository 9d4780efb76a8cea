import type { AttributePath } from '#contracts';
import { ATTRIBUTE_MAPS } from './attribute-catalogue';

/** A name of attributes as rules write it: exact (`name`), a group (`custom.*`) or a glob (`*`, `custom.care_*`). */
export interface AttributePattern {
  text: string;
  /** What stands before and after the star; an exact name has it all before and null after. */
  head: string;
  tail: string | null;
  /** The more telling pattern wins: exact, then what lies within one group by length, then the other globs by length. */
  rank: number;
}

const EXACT = 1_000_000;
const GROUPED = 1_000;

/** Reads a pattern. Null when it has more than one star. */
export function parsePattern(text: string): AttributePattern | null {
  const [head, tail, ...more] = text.split('*');
  if (head === undefined || more.length > 0) return null;
  if (tail === undefined) return { text, head, tail: null, rank: EXACT };
  const literals = head.length + tail.length;
  return { text, head, tail, rank: literals + (isInGroup(head) ? GROUPED : 0) };
}

/** True when the attribute is one of those that the pattern names. */
export function matchesPattern({ head, tail }: AttributePattern, attribute: AttributePath): boolean {
  if (tail === null) return attribute === head;
  const longEnough = attribute.length >= head.length + tail.length;
  return longEnough && attribute.startsWith(head) && attribute.endsWith(tail);
}

/** True when there can be an attribute that both patterns name. */
export function overlap(a: AttributePattern, b: AttributePattern): boolean {
  if (a.tail === null) return matchesPattern(b, a.head);
  if (b.tail === null) return matchesPattern(a, b.head);
  const heads = a.head.startsWith(b.head) || b.head.startsWith(a.head);
  return heads && (a.tail.endsWith(b.tail) || b.tail.endsWith(a.tail));
}

/** True when every attribute that `inner` names is named by `outer` too. */
export function covers(outer: AttributePattern, inner: AttributePattern): boolean {
  if (inner.tail === null) return matchesPattern(outer, inner.head);
  if (outer.tail === null) return false;
  return inner.head.startsWith(outer.head) && inner.tail.endsWith(outer.tail);
}

function isInGroup(head: string): boolean {
  const dot = head.indexOf('.');
  return dot > 0 && Object.hasOwn(ATTRIBUTE_MAPS, head.slice(0, dot));
}
