/** The documents tell what is there: commands, files, versions, variables and ports are looked up. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { connectorDefinitions } from '#connectors';
import { stackVersions } from '#stack';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function filesBelow(folder: string, ends: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ends))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const README = read('README.md');
const documents = ['README.md', ...filesBelow('docs', '.md')].map((file) => ({ file, text: read(file) }));
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(read('package.json')));

/** All matches of `pattern` in all documents: its first group, with the document's name. */
function mentions(pattern: RegExp): { file: string; found: string }[] {
  return documents.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ file, found: match[1] ?? '' })),
  );
}

/** The part of a document below one of its headings. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`reading a document: it has no heading "${heading}"`);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''));

describe('commands in the documents', () => {
  it('are scripts of package.json', () => {
    const named = mentions(/npm run ([\w:-]+)/g);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ found }) => !(found in manifest.scripts))).toEqual([]);
  });

  it('are all told in the README', () => {
    const told = new Set([...README.matchAll(/`npm (?:run )?([\w:-]+)`/g)].map((match) => match[1]));
    expect(Object.keys(manifest.scripts).filter((script) => !told.has(script))).toEqual([]);
  });

  it('are commands of the CLI', () => {
    const named = mentions(/(?:npx millrace|`millrace) ([a-z]+)/g);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ found }) => !existsSync(join(ROOT, `apps/cli/commands/${found}.ts`)))).toEqual([]);
  });
});

describe('files in the documents', () => {
  it('exist where a link points to, with the heading that it names', () => {
    const broken = mentions(/\]\(([^)\s]+)\)/g).filter(({ file, found }) => {
      if (/^https?:/.test(found)) return false;
      const [path = '', anchor] = found.split('#');
      const target = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('exist where they are named', () => {
    const named = mentions(/`((?:apps|libs|schemas|test|docs)\/[\w./-]+)`/g);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ found }) => !existsSync(join(ROOT, found)))).toEqual([]);
  });

  it('are six to read first', () => {
    const rows = [...section(README, 'Six files to read first').matchAll(/^\| \[([^\]]+)\]\(([^)]+)\)/gm)];
    expect(rows).toHaveLength(6);
    for (const [, name, link] of rows) expect(link).toBe(name);
    expect(rows.filter(([, , link]) => !existsSync(join(ROOT, link ?? '')))).toEqual([]);
  });

  it('are folders of libs and apps in the layout, none missing', () => {
    const layout = section(README, 'Layout');
    const folders = ['libs', 'apps', 'test'].flatMap((parent) =>
      readdirSync(join(ROOT, parent), { withFileTypes: true }).filter((entry) => entry.isDirectory()),
    );
    const words = new Set(layout.split(/[\s:,/]+/));
    expect(folders.map(({ name }) => name).filter((name) => !words.has(name))).toEqual([]);
  });

  it('are never those of one machine', () => {
    expect(mentions(/((?:^|[\s"'`(=])\/(?:home|root|work|Users)\/\S*)/gm)).toEqual([]);
  });
});

describe('versions in the documents', () => {
  const { kafka, registry, postgres } = stackVersions();
  const starts = (whole: string, part: string): boolean => `${whole}.`.startsWith(`${part}.`);

  it.each([
    ['Kafka', kafka, /Kafka (\d[\d.]*\d)/g],
    ['the registry', registry, /Registry (\d[\d.]*\d)/g],
    ['PostgreSQL', postgres, /PostgreSQL (\d[\d.]*\d)/g],
  ])('of %s are those of the local stack', (_part, version, pattern) => {
    const named = mentions(pattern);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ found }) => !starts(version, found))).toEqual([]);
  });

  it('of Node are those of package.json', () => {
    const oldest = [...manifest.engines.node.matchAll(/(\d+\.\d+)\.\d+/g)].map((match) => match[1]);
    expect(README).toContain(`Node ${oldest.slice(0, -1).join(', ')} or ${oldest.at(-1)}`);
  });
});

describe('variables in the documents', () => {
  const VARIABLE = /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g;
  const isComment = (line: string): boolean => /^\s*(\/\/|\/?\*)/.test(line);
  const code = [...filesBelow('apps', '.ts'), ...filesBelow('libs', '.ts')]
    .filter((file) => !file.endsWith('.spec.ts'))
    .flatMap((file) => read(file).split('\n'))
    .filter((line) => !isComment(line))
    .join('\n');
  const ofConnectors = connectorDefinitions().flatMap((definition) =>
    definition.config
      .describe(definition.batchSink ? 'MART_' : `${definition.name.toUpperCase()}_`)
      .map(({ variable }) => variable),
  );
  const known = new Set([...code.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([word]) => word));
  for (const variable of ofConnectors) known.add(variable);

  it('are read by the code', () => {
    const named = mentions(VARIABLE);
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter(({ found }) => !known.has(found))).toEqual([]);
  });

  it('are all there that say where the parts are', () => {
    const told = new Set(
      [...section(README, 'Your own Kafka, registry and PostgreSQL').matchAll(VARIABLE)].map(
        ([, name]) => name,
      ),
    );
    const servers = [...known].filter((name) => /^(KAFKA_(BROKERS|SSL|SASL)|SCHEMA_REGISTRY_)/.test(name));
    const wanted = [...servers, 'DATABASE_URL', 'MART_URL'];
    expect(servers.length).toBeGreaterThan(6);
    expect(wanted.filter((name) => !told.has(name))).toEqual([]);
  });
});

describe('containers in the README', () => {
  it('have the ports of docker-compose.yml', () => {
    const compose = z
      .object({ services: z.record(z.string(), z.object({ ports: z.array(z.string()).optional() })) })
      .parse(parse(read('docker-compose.yml'), { merge: true }));
    const published = Object.values(compose.services)
      .flatMap(({ ports }) => ports ?? [])
      .map((port) => port.split(':').at(-2));
    const told = new Set(section(README, 'Containers').match(/\d{4,5}/g));
    expect(published.length).toBeGreaterThan(3);
    expect([...told].sort()).toEqual(published.sort());
  });
});
