import type { SystemName } from '#contracts';
import type { SourceMapping } from './mapping';
import type { OwnershipRules } from './ownership';
import { parseSourceMapping } from './parse-mapping';
import { parseOwnership } from './parse-ownership';
import type { RulesProblem } from './problems';
import { RulesError } from './problems';
import type { RulesFile } from './rules-version';
import { baseName, isTestFile, rulesHash } from './rules-version';
import type { Systems } from './systems';
import { parseSystems } from './systems';

/** All rules of a hub, read and checked. Immutable. */
export interface Rules {
  systems: Systems;
  ownership: OwnershipRules;
  /** By system. */
  sourceMappings: ReadonlyMap<SystemName, SourceMapping>;
  /** `rulesHash` of the files. */
  hash: string;
}

/**
 * Reads the texts of the files under `schemas/rules`: `systems.yaml`, `ownership.yaml` and
 * `mappings/<system>.source.yaml`. Files of other names are not looked at, though they count in the hash.
 * Throws one RulesError with the problems of all files; while `systems.yaml` cannot be read, of it alone,
 * since nothing else could be judged.
 */
export function loadRules(files: readonly RulesFile[]): Rules {
  const problems: RulesProblem[] = [];
  const systems = parseSystems(textOf(files, 'systems.yaml').text, textOf(files, 'systems.yaml').name);
  const owned = textOf(files, 'ownership.yaml');
  const ownership = attempt(problems, () => parseOwnership(owned.text, owned.name, systems));
  const sourceMappings = new Map<SystemName, SourceMapping>();
  for (const { name, text } of files) {
    if (isTestFile(name) || !baseName(name).endsWith('.source.yaml')) continue;
    const mapping = attempt(problems, () => parseSourceMapping(text, name, systems));
    if (mapping === null) continue;
    const named = `${mapping.system}.source.yaml`;
    if (baseName(name) !== named) {
      const message = `the file maps ${mapping.system}, but is not named after it`;
      problems.push({ file: name, line: 1, column: 1, message, suggestion: `Call it ${named}.` });
    }
    sourceMappings.set(mapping.system, mapping);
  }
  if (ownership === null || problems.length > 0) throw new RulesError(problems);
  return { systems, ownership, sourceMappings, hash: rulesHash(files) };
}

function textOf(files: readonly RulesFile[], base: string): RulesFile {
  const file = files.find(({ name }) => baseName(name) === base);
  if (file !== undefined) return file;
  throw new RulesError([
    { file: base, line: 1, column: 1, message: 'the file is missing', suggestion: null },
  ]);
}

/** Collects the problems of one file, so that those of the next are seen too. */
function attempt<T>(problems: RulesProblem[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}
