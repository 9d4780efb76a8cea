import type { AttributeValue, CustomValue } from '#contracts';
import { escapeForTerminal } from './escape';

/** Longest text of a value before it is cut, in characters. */
const LONGEST = 120;

/**
 * An attribute's value for people, on one line: text in quotes, `(absent)` for what was never supplied,
 * `(cleared)` for null. Control characters are shown, not obeyed.
 */
export function formatValue(value: AttributeValue | undefined, longest = LONGEST): string {
  if (value === undefined) return '(absent)';
  if (value === null) return '(cleared)';
  return cut(escapeForTerminal(plain(value)), longest);
}

function plain(value: Exclude<AttributeValue, null>): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (!Array.isArray(value) && isCustom(value)) {
    const { kind } = value;
    const inner: unknown = (value as unknown as Record<string, unknown>)[kind];
    return kind === 'decimal' || kind === 'date' ? String(inner) : JSON.stringify(inner);
  }
  return JSON.stringify(value);
}

function isCustom(value: object): value is CustomValue {
  const { kind } = value as { kind?: unknown };
  return typeof kind === 'string' && kind in value;
}

function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
