/** The import law of the design (architecture §11), by reading every import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** What each part may import of ours. Tests may import everything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'libs/contracts': [],
  'libs/telemetry': [],
  'libs/connector-sdk': ['libs/contracts'],
  'libs/connectors': ['libs/contracts', 'libs/connector-sdk'],
  'libs/pipeline': ['libs/contracts'],
  'libs/kafka': ['libs/contracts', 'libs/telemetry'],
  'libs/store': ['libs/contracts', 'libs/telemetry'],
  'libs/stack': ['libs/telemetry'],
  'libs/runtime': [
    'libs/contracts',
    'libs/connector-sdk',
    'libs/pipeline',
    'libs/kafka',
    'libs/store',
    'libs/telemetry',
  ],
  'apps/sandbox': ['libs/telemetry'],
};

/** Every app but the sandbox wires everything. */
const APPS_MAY_IMPORT = [
  'libs/connectors',
  'libs/connector-sdk',
  'libs/contracts',
  'libs/kafka',
  'libs/pipeline',
  'libs/runtime',
  'libs/stack',
  'libs/store',
  'libs/telemetry',
];

/** Packages that a part must not know. */
const FORBIDDEN_PACKAGES: Record<string, RegExp> = {
  'libs/connectors': /^(@nestjs\/|typeorm|kafkajs|@kafkajs\/)/,
  'libs/connector-sdk': /^(@nestjs\/|typeorm|kafkajs|@kafkajs\/|pg$)/,
  'libs/contracts': /^(@nestjs\/|typeorm|kafkajs|@kafkajs\/|pg$|undici)/,
  'libs/pipeline':
    /^(@nestjs\/|typeorm|kafkajs|@kafkajs\/|pg$|undici|node:(fs|net|http|https|child_process))/,
};

interface Import {
  file: string;
  specifier: string;
}

function sourceFiles(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith('.ts') && !path.endsWith('.spec.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
}

/** `libs/kafka` for a file of ours; null for a package. */
function partOf({ file, specifier }: Import): string | null {
  if (specifier.startsWith('#')) return `libs/${specifier.slice(1).split('/')[0]}`;
  if (!specifier.startsWith('.')) return null;
  return partOfPath(normalize(join(dirname(file), specifier)));
}

function partOfPath(path: string): string {
  return relative('.', path).split(sep).slice(0, 2).join('/');
}

function allowed(part: string): readonly string[] {
  return MAY_IMPORT[part] ?? (part.startsWith('apps/') ? APPS_MAY_IMPORT : []);
}

const imports = [...sourceFiles('libs'), ...sourceFiles('apps')].flatMap(importsOf);

describe('the import law', () => {
  it('reads the imports of every part that it speaks of', () => {
    const parts = new Set(imports.map(({ file }) => partOfPath(file)));
    expect([...parts]).toEqual(expect.arrayContaining(Object.keys(MAY_IMPORT)));
  });

  it('lets imports go one way only', () => {
    const broken = imports.filter((found) => {
      const [from, to] = [partOfPath(found.file), partOf(found)];
      return to !== null && to !== from && !allowed(from).includes(to);
    });
    expect(broken).toEqual([]);
  });

  it('keeps one connector from importing another', () => {
    const folderOf = (path: string): string => path.split(sep).slice(0, 3).join('/');
    const broken = imports.filter(({ file, specifier }) => {
      if (!/^libs\/connectors\/[^/]+\//.test(file) || !specifier.startsWith('.')) return false;
      return folderOf(normalize(join(dirname(file), specifier))) !== folderOf(file);
    });
    expect(broken).toEqual([]);
  });

  it('keeps Kafka, store and Nest out of connectors, and input and output out of the pipeline', () => {
    const broken = imports.filter(({ file, specifier }) =>
      FORBIDDEN_PACKAGES[partOfPath(file)]?.test(specifier),
    );
    expect(broken).toEqual([]);
  });
});
