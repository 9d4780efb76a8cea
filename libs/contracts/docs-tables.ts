/**
 * Writes the field tables of `docs/events.md` from the schema files, between `<!-- table: NAME -->` and
 * `<!-- /table -->`. Usage: `docs-tables [file]`; a spec fails when the file differs from what this would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from './avro-schema';
import type { AvroField, AvroNode, AvroRecord } from './avro-schema';
import { defaultSchemasDir, loadSchemas } from './schema-set';
import type { SchemaSet } from './schema-set';
import { ENTITIES } from './types';

/** The command that brings the tables up to date; named in every message that asks for it. */
export const DOCS_COMMAND = 'npm run docs';

const MARKED = /<!-- table: (\S+) -->\n[\s\S]*?<!-- \/table -->/g;

/** All tables as Markdown, by name: `envelope`, `source`, `keys`, the shared types, and one for each entity. */
export function schemaTables(schemas: SchemaSet): Map<string, string> {
  const golden = envelopeOf(schemas, 'golden');
  const inBoth = new Set(envelopeOf(schemas, 'source').fields.map(({ name }) => name));
  const types = namedTypes(golden);
  const tables = new Map([
    ['envelope', fieldTable(golden, ({ name }) => (inBoth.has(name) ? '' : 'Catalog topics only. '))],
    ['keys', keyTable(schemas)],
  ]);
  for (const name of ['Source', 'ProvenanceGroup', 'CustomValue', 'MediaReference'])
    tables.set(name, fieldTable(types.get(name)!));
  for (const entity of ENTITIES) tables.set(entity, fieldTable(valueOf(schemas, entity)));
  return tables;
}

/** The text with every marked table replaced. Throws an Error for a marker that names no table, and without any. */
export function withTables(text: string, tables: ReadonlyMap<string, string>): string {
  let replaced = 0;
  const result = text.replaceAll(MARKED, (_marked, name: string) => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`writing the table ${name}: there is no such table`);
    replaced += 1;
    return `<!-- table: ${name} -->\n\n${table}\n\n<!-- /table -->`;
  });
  if (replaced === 0) throw new Error('writing tables: the text marks no place for any');
  return result;
}

/** The document that holds the tables. */
export function eventsDocument(): string {
  return join(defaultSchemasDir(), '..', 'docs', 'events.md');
}

function envelopeOf(schemas: SchemaSet, kind: 'source' | 'golden'): AvroRecord {
  return JSON.parse(schemas.envelopeSchema('docs', 'product', kind)) as AvroRecord;
}

function valueOf(schemas: SchemaSet, entity: (typeof ENTITIES)[number]): AvroRecord {
  const envelope = JSON.parse(schemas.envelopeSchema('docs', entity, 'source')) as AvroRecord;
  return namedTypes(envelope).get('Value')!;
}

function namedTypes(root: AvroNode): Map<string, AvroRecord> {
  const found = new Map<string, AvroRecord>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const schema = node as AvroNode;
    if (isRecord(schema)) found.set(schema.name, schema);
    Object.values(node).forEach(walk);
  };
  walk(root);
  return found;
}

function keyTable(schemas: SchemaSet): string {
  const rows = ENTITIES.map((entity) => {
    const { fields } = JSON.parse(schemas.keySchema('docs', entity)) as AvroRecord;
    const text = fields.map(({ name, doc }) => `\`${name}\`: ${sentence(doc)}`).join(' ');
    return [entity, text];
  });
  return table(['entity', 'key'], rows);
}

function fieldTable({ fields }: AvroRecord, note: (field: AvroField) => string = () => ''): string {
  const rows = fields.map((field) => [
    `\`${field.name}\``,
    typeName(field.type),
    note(field) + sentence(field.doc),
  ]);
  return table(['field', 'type', 'what it is'], rows);
}

/** An Avro type in few words: `string or null`, `list of string`, `map of CustomValue`. */
function typeName(node: AvroNode): string {
  if (typeof node === 'string') return node.split('.').at(-1)!;
  if (Array.isArray(node)) {
    const others = node.filter((member) => member !== 'null').map(typeName);
    return node.includes('null') ? [...others, 'null'].join(' or ') : others.join(' or ');
  }
  if (isRecord(node)) return node.name;
  if (node.type === 'array') return `list of ${typeName(node['items'] as AvroNode)}`;
  if (node.type === 'map') return `map of ${typeName(node['values'] as AvroNode)}`;
  return typeName(node.type);
}

function sentence(doc: string | undefined): string {
  return escapeCell(doc ?? '');
}

/** Markdown would take a bar for a cell's end and `<id>` for a tag. */
function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, titles.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function main(file: string): void {
  const text = readFileSync(file, 'utf8');
  const written = withTables(text, schemaTables(loadSchemas(defaultSchemasDir())));
  if (written !== text) writeFileSync(file, written);
  process.stdout.write(written === text ? 'The tables are up to date.\n' : 'The tables were rewritten.\n');
}

if (require.main === module) main(process.argv[2] ?? eventsDocument());
