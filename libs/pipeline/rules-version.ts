import { createHash } from 'node:crypto';

/** A rules file: its path from the repository's root, as messages name it, and its text. */
export interface RulesFile {
  name: string;
  text: string;
}

/**
 * A hash over the rules, 64 hex digits: equal for equal rules on every machine. It knows files by their base
 * name, so the folder in which they lie, their order, a byte order mark and the kind of line end do not count.
 * Test files (`*.test.yaml`) are not rules.
 */
export function rulesHash(files: readonly RulesFile[]): string {
  const hash = createHash('sha256');
  const texts = files
    .filter(({ name }) => !isTestFile(name))
    .map(({ name, text }) => JSON.stringify([baseName(name), plainText(text)]));
  for (const text of texts.sort()) hash.update(`${text}\n`);
  return hash.digest('hex');
}

/** True for the tests that lie beside mappings. */
export function isTestFile(name: string): boolean {
  return name.endsWith('.test.yaml');
}

/** The part of a path after the last separator of either kind. */
export function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

function plainText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
