/** The rule files of `schemas/rules`, read from disk; checking them is the pipeline's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules } from '#pipeline';
import type { Rules, RulesFile } from '#pipeline';

export interface LoadedRules extends Rules {
  /** The files' texts by name, as a rules version keeps them. */
  texts: Record<string, string>;
}

/** Reads and checks all rules. Throws a `RulesError` that carries every problem with file, line and column. */
export function readRules(schemasDir: string): LoadedRules {
  const root = join(schemasDir, 'rules');
  const files = ['', 'mappings'].flatMap((folder) => yamlFiles(root, folder));
  const texts = Object.fromEntries(files.map(({ name, text }) => [name, text]));
  return { ...loadRules(files), texts };
}

function yamlFiles(root: string, folder: string): RulesFile[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .sort()
    .map((name) => ({
      name: ['schemas/rules', folder, name].filter(Boolean).join('/'),
      text: readFileSync(join(root, folder, name), 'utf8'),
    }));
}
