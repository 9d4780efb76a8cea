import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareVersions, compareWithHistory, recordHistory, subjects } from './history';
import { SchemaError, defaultSchemasDir, loadSchemas } from './index';

const dir = defaultSchemasDir();

const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'Value', fields });

describe('the schemas of this repository', () => {
  it.each(
    compareWithHistory(loadSchemas(dir), dir).map((finding) => ({ ...finding, name: finding.subject.name })),
  )('are as released: $name', ({ message }) => {
    expect(message).toBeNull();
  });
});

describe('the history of schemas', () => {
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'millrace-history-'));
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, 'history'), { recursive: true });
    recordHistory(loadSchemas(copy), copy);
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const edit = (file: string, from: string, to: string): void => {
    const before = readFileSync(join(copy, file), 'utf8');
    expect(before).toContain(from);
    writeFileSync(join(copy, file), before.replace(from, to));
  };
  const versionsOf = (name: string): unknown[] =>
    (JSON.parse(readFileSync(join(copy, `history/${name}.json`), 'utf8')) as { versions: unknown[] })
      .versions;
  const findings = (): string[] =>
    compareWithHistory(loadSchemas(copy), copy)
      .filter(({ status }) => status !== 'recorded')
      .map(({ status, message }) => `${status}: ${message}`);
  const addField = (type: string): void =>
    edit('entities/product.avsc', '"fields": [', `"fields": [{"name": "gender", ${type}, "doc": "Gender."},`);

  it('begins with a version of every subject, and has nothing to say after that', () => {
    expect(findings()).toEqual([]);
    expect(subjects().map(({ name }) => versionsOf(name).length)).toEqual(subjects().map(() => 1));
  });

  it('asks for a new subject to be recorded', () => {
    rmSync(join(copy, 'history/asset.key.json'));
    expect(findings()).toEqual([
      'unrecorded: asset.key has no released version. Record it: npm run schemas:record',
    ]);
  });

  it('asks for a compatible change to be recorded, keeps both versions, and is content', () => {
    addField('"type": ["null", "string"], "default": null');
    expect(findings()).toEqual([
      'compatible: product.source has changed, compatibly. Record it: npm run schemas:record',
      'compatible: product.golden has changed, compatibly. Record it: npm run schemas:record',
    ]);
    recordHistory(loadSchemas(copy), copy);
    expect(findings()).toEqual([]);
    expect(versionsOf('product.golden')).toHaveLength(2);
  });

  it('refuses an incompatible change, names the field, and records nothing', () => {
    addField('"type": ["null", "string"]');
    edit('entities/asset.avsc', '"doc": "Title."', '"doc": "The title."');
    expect(findings()).toContain(
      'incompatible: product.source is not FULL_TRANSITIVE compatible: it cannot read version 1 at before.gender (the field is on one side only and has no default); it cannot read version 1 at after.gender (the field is on one side only and has no default). Add fields with a null default instead.',
    );
    recordHistory(loadSchemas(copy), copy);
    expect(versionsOf('asset.source')).toHaveLength(1);
  });

  it('refuses any change of a key, were it only a word of its documentation', () => {
    edit('keys/variant.avsc', 'SKU.', 'The SKU.');
    expect(findings()).toEqual([
      expect.stringMatching(/^frozen: variant\.key differs from what was released, and keys are frozen/),
    ]);
    recordHistory(loadSchemas(copy), copy);
    expect(versionsOf('variant.key')).toHaveLength(1);
  });

  it('compares with every released version, not only with the last', () => {
    const subject = { name: 'product.source', entity: 'product', kind: 'source' } as const;
    const asText = { name: 'x', type: ['null', 'string'], default: null };
    const asLong = { name: 'x', type: ['null', 'long'], default: null };
    const { status, message } = compareVersions(subject, record(asLong), [record(asText), record()]);
    expect(status).toBe('incompatible');
    expect(message).toContain('version 1 at x');
    expect(message).not.toContain('version 2');
  });

  it('names a file of the history that is not one', () => {
    writeFileSync(join(copy, 'history/asset.key.json'), '{}');
    expect(() => findings()).toThrow(SchemaError);
    expect(() => findings()).toThrow('reading schema history/asset.key.json: it has no list of versions');
  });
});
