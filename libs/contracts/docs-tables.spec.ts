import { readFileSync } from 'node:fs';
import { DOCS_COMMAND, eventsDocument, schemaTables, withTables } from './docs-tables';
import { defaultSchemasDir, loadSchemas } from './schema-set';
import { ENTITIES } from './types';

const tables = schemaTables(loadSchemas(defaultSchemasDir()));
const document = readFileSync(eventsDocument(), 'utf8');

describe('docs/events.md', () => {
  it('has the field tables that the schemas give', () => {
    const differs = withTables(document, tables) !== document;
    expect(differs ? `docs/events.md differs from schemas/. Run: ${DOCS_COMMAND}` : 'the same').toBe(
      'the same',
    );
  });

  it('shows every table that there is', () => {
    const shown = [...document.matchAll(/<!-- table: (\S+) -->/g)].map(([, name]) => name);
    expect(shown.sort()).toEqual([...tables.keys()].sort());
  });
});

describe('a table', () => {
  it('gives field, type and meaning of each field of an entity', () => {
    expect(tables.get('product')).toContain(
      '| `name` | string or null | Name as customers read it. |\n| `description` |',
    );
    expect(tables.get('product')).toContain('| `categories` | list of string or null |');
    expect(tables.get('variant')).toContain('| `localised` | map of map of string |');
    expect(tables.get('variant')).toContain('| `media` | list of MediaReference or null |');
  });

  it('is there for every entity and says which fields only catalog topics have', () => {
    expect([...tables.keys()]).toEqual(expect.arrayContaining([...ENTITIES]));
    const envelope = tables.get('envelope')?.split('\n') ?? [];
    const ofCatalog = envelope.filter((row) => row.includes('Catalog topics only.'));
    expect(ofCatalog.map((row) => row.split('`')[1])).toEqual(['provenance', 'rules_version']);
  });

  it('keeps what Markdown would swallow', () => {
    expect(tables.get('keys')).toContain('&lt;system>:&lt;id>');
  });
});

describe('replacing tables', () => {
  const small = new Map([['a', '| x |']]);

  it('changes what stands between markers and nothing else', () => {
    const text = 'before\n<!-- table: a -->\nold\n<!-- /table -->\nafter';
    expect(withTables(text, small)).toBe('before\n<!-- table: a -->\n\n| x |\n\n<!-- /table -->\nafter');
    expect(withTables(withTables(text, small), small)).toBe(withTables(text, small));
  });

  it('refuses a marker without a table and a text without markers', () => {
    expect(() => withTables('<!-- table: b -->\n<!-- /table -->', small)).toThrow(
      'writing the table b: there is no such table',
    );
    expect(() => withTables('nothing', small)).toThrow('the text marks no place for any');
  });
});
