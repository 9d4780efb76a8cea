/** The rules that the hub is delivered with: they load, they mean what they should, and their own tests hold. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EntityName } from '#contracts';
import { ATTRIBUTE_MAPS, isCatalogued, namedAttributes } from './attribute-catalogue';
import { loadRules } from './load-rules';
import { runMappingTests } from './mapping-test';
import { problemsOf } from './rules-fixture';
import { rulesHash } from './rules-version';

const repository = join(__dirname, '..', '..');
const folders = ['schemas/rules', 'schemas/rules/mappings'];
const files = folders.flatMap((folder) =>
  readdirSync(join(repository, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({
      name: `${folder}/${name}`,
      text: readFileSync(join(repository, folder, name), 'utf8'),
    })),
);
const rules = loadRules(files);
const tests = files.filter(({ name }) => name.endsWith('.source.test.yaml'));
const mappingOf = (name: string) => rules.sourceMappings.get(/([^/]+)\.source\.test\.yaml$/.exec(name)![1]!)!;

const ownerOf = (attribute: string) => rules.ownership.rule('product', attribute)?.chain[0]?.owner;

describe('the rules that are delivered', () => {
  it('refuse stock from every system that is no warehouse', () => {
    for (const system of ['plytix', 'centric', 'photoshelter', 'fourallportal']) {
      expect(rules.ownership.isDenied(system, 'variant', 'inventory.stock')).not.toBeNull();
      expect(rules.ownership.isDenied(system, 'inventory', 'on_hand')).not.toBeNull();
    }
    expect(rules.ownership.rule('inventory', 'on_hand')?.chain).toEqual([{ owner: 'wms', until: null }]);
  });

  it('share a product between Plytix and Centric', () => {
    expect(['code', 'name', 'custom.care', 'localised.description'].map(ownerOf)).toEqual(
      Array(4).fill('plytix'),
    );
    expect(['season', 'launch_date', 'collections'].map(ownerOf)).toEqual(Array(3).fill('centric'));
  });

  it('have a test file for each mapping', () => {
    expect(tests.map(({ name }) => mappingOf(name).system).sort()).toEqual(
      [...rules.sourceMappings.keys()].sort(),
    );
  });
});

describe.each(tests)('$name', ({ name, text }) => {
  it.each(runMappingTests(mappingOf(name), text, name))('line $line: $name', ({ differences }) => {
    expect(differences).toEqual([]);
  });
});

describe('a mapping test', () => {
  const [mapping] = [rules.sourceMappings.get('plytix')!];
  const run = (text: string) => runMappingTests(mapping, text, 't.yaml');

  it('tells what is not as expected', () => {
    const text =
      'cases:\n  - name: x\n    entity: product\n    state: { sku: A, label: B }\n    expect: { code: B, attributes: { code: A, brand: C } }';
    expect(run(text)).toEqual([
      {
        name: 'x',
        file: 't.yaml',
        line: 2,
        differences: [
          'code: expected "B", but it is "A"',
          'brand: expected "C", but it is (absent)',
          'name: expected (absent), but it is "B"',
        ],
      },
    ]);
  });

  it('is refused when it cannot be read', () => {
    expect(problemsOf(() => run('cases: []')).join()).toMatch(/^t\.yaml:1:\d+ {2}reading cases/);
    expect(problemsOf(() => run('cases: [')).join()).toMatch(/reading YAML/);
    expect(problemsOf(() => run('cases:\n  - name: x\n    entity: produkt')).join()).toMatch(
      /^t\.yaml:2:\d+ {2}reading cases\.0/,
    );
  });
});

describe('the attribute catalogue', () => {
  it.each<EntityName>(['product', 'variant'])(
    'names exactly the fields of the Avro record of a %s',
    (entity) => {
      const schema = JSON.parse(
        readFileSync(join(repository, 'schemas/entities', `${entity}.avsc`), 'utf8'),
      ) as {
        fields: { name: string }[];
      };
      const technical = ['hub_id', 'product_id', 'version', ...Object.keys(ATTRIBUTE_MAPS)];
      const named = schema.fields.map(({ name }) => name).filter((name) => !technical.includes(name));
      expect(isCatalogued(entity)).toBe(true);
      expect([...namedAttributes(entity)].sort()).toEqual(named.sort());
    },
  );
});

const withText = (base: string, text: string) =>
  files.map((file) => (file.name.endsWith(base) ? { ...file, text } : file));

describe('loadRules', () => {
  it('tells the problems of all files at once', () => {
    const wrong = withText('ownership.yaml', 'product: { exists: plitix }').map((file) =>
      file.name.endsWith('centric.source.yaml')
        ? { ...file, text: 'system: centrik\nproduct: { code: a }' }
        : file,
    );
    expect(problemsOf(() => loadRules(wrong))).toEqual([
      'schemas/rules/mappings/centric.source.yaml:1:9  unknown system "centrik". Did you mean "centric"?',
      expect.stringContaining('schemas/rules/ownership.yaml:1:20  unknown system "plitix"'),
    ]);
  });

  it('wants its files, and mappings under the name of their system', () => {
    const missing = files.filter(({ name }) => !name.endsWith('ownership.yaml'));
    expect(problemsOf(() => loadRules(missing)).join()).toBe('ownership.yaml:1:1  the file is missing');
    const misnamed = withText('centric.source.yaml', 'system: plytix\nproduct: { code: a }');
    expect(problemsOf(() => loadRules(misnamed)).join()).toMatch(
      /not named after it\. Call it plytix\.source\.yaml/,
    );
  });

  it('refuses systems that are wrong before anything else', () => {
    const wrong = withText('systems.yaml', 'Plytix: { title: Plytix, kind: pin, tilte: x }');
    expect(problemsOf(() => loadRules(wrong))).toEqual([
      expect.stringContaining('1:1  "Plytix" cannot be a system\'s name'),
      expect.stringContaining('unknown kind "pin". Did you mean "pim"?'),
      expect.stringContaining('unknown field "tilte". Did you mean "title"?'),
    ]);
  });
});

describe('rulesHash', () => {
  it('is the same wherever the files lie, in whatever order, with whatever line ends', () => {
    const elsewhere = files.toReversed().map(({ name, text }) => ({
      name: `C:\\rules\\${name.split('/').at(-1)}`,
      text: `\uFEFF${text.replaceAll('\n', '\r\n')}`,
    }));
    expect(rulesHash(elsewhere)).toBe(rules.hash);
  });

  it('changes with a rule, with a file, and not with a test', () => {
    const changed = (name: string) =>
      files.map((file) => (file.name.endsWith(name) ? { ...file, text: `${file.text}#` } : file));
    expect(rulesHash(changed('/ownership.yaml'))).not.toBe(rules.hash);
    expect(rulesHash(changed('plytix.source.test.yaml'))).toBe(rules.hash);
    expect(rulesHash(files.slice(1))).not.toBe(rules.hash);
  });
});
