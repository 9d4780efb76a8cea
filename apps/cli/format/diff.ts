import type { Attributes } from '#contracts';
import { diffAttributes } from '#pipeline';
import { escapeForTerminal } from './escape';
import { formatValue } from './value';

/** Widest column of attribute names and of old values; what is longer pushes the rest of its line. */
const WIDEST = { name: 24, before: 30 };

/**
 * What changed between two states, one line for each attribute: `name  "old" → "new"`. A side that does not
 * exist as a whole (a create, a delete) is left out. No lines when nothing differs.
 */
export function formatDiff(before: Attributes | null, after: Attributes | null): string[] {
  const changes = diffAttributes(before, after).map((change) => ({
    name: escapeForTerminal(change.attribute),
    before: formatValue(change.before),
    after: formatValue(change.after),
  }));
  const nameWidth = widthOf(
    changes.map(({ name }) => name),
    WIDEST.name,
  );
  const beforeWidth = widthOf(
    changes.map((change) => change.before),
    WIDEST.before,
  );
  return changes.map((change) => {
    const name = change.name.padEnd(nameWidth);
    if (before === null) return `${name}  ${change.after}`;
    if (after === null) return `${name}  ${change.before}`;
    return `${name}  ${change.before.padEnd(beforeWidth)} → ${change.after}`;
  });
}

function widthOf(texts: readonly string[], widest: number): number {
  return Math.min(widest, Math.max(0, ...texts.map((text) => text.length)));
}
