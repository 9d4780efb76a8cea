import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseType } from './avro-type';
import type { AvroObject, AvroRecord } from './avro-schema';
import { ENTITIES, KEY_ATTRIBUTES, SchemaError, TopicNames, defaultSchemasDir, loadSchemas } from './index';

const dir = defaultSchemasDir();
const sut = loadSchemas(dir);
const names = new TopicNames('test-1');
const kinds = ['source', 'golden'] as const;
const combinations = ENTITIES.flatMap((entity) => kinds.map((kind) => ({ entity, kind })));

const envelopeOf = (entity: (typeof ENTITIES)[number], kind: (typeof kinds)[number]): AvroRecord =>
  JSON.parse(sut.envelopeSchema(names.source('plytix', entity), entity, kind)) as AvroRecord;
const fieldOf = (record: AvroRecord, name: string): AvroRecord['fields'][number] =>
  record.fields.find((field) => field.name === name)!;

const namesOf = (record: AvroRecord): string[] => record.fields.map((field) => field.name);

/** Every object in a schema that has a property of this name. */
function nodesWith(property: string, node: unknown): AvroObject[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = property in node ? [node as AvroObject] : [];
  return [...own, ...Object.values(node).flatMap((child: unknown) => nodesWith(property, child))];
}

describe('the schema of a topic', () => {
  it.each(combinations)('is valid Avro for the $kind topic of $entity', ({ entity, kind }) => {
    const topic = names.source('plytix', entity);
    expect(parseType(sut.envelopeSchema(topic, entity, kind)).name).toBe(`test_1.plytix.${entity}.Envelope`);
    expect(parseType(sut.keySchema(topic, entity)).name).toBe(`test_1.plytix.${entity}.Key`);
  });

  it('has the fields of Debezium in their order, and for golden records two more', () => {
    const debezium = ['before', 'after', 'source', 'transaction', 'op', 'ts_ms', 'ts_us', 'ts_ns'];
    expect(namesOf(envelopeOf('product', 'source'))).toEqual(debezium);
    expect(namesOf(envelopeOf('product', 'golden'))).toEqual([...debezium, 'provenance', 'rules_version']);
  });

  it('defines Value in before and refers to it in after', () => {
    const envelope = envelopeOf('product', 'source');
    const [nothing, value] = fieldOf(envelope, 'before').type as [string, AvroRecord];
    expect(nothing).toBe('null');
    expect(value).toMatchObject({
      name: 'Value',
      namespace: 'test_1.plytix.product',
      'connect.name': 'test_1.plytix.product.Value',
    });
    expect(fieldOf(envelope, 'after')).toMatchObject({
      type: ['null', 'test_1.plytix.product.Value'],
      default: null,
    });
    expect(envelope).toMatchObject({
      'connect.version': 2,
      'connect.name': 'test_1.plytix.product.Envelope',
    });
  });

  it("has Debezium's source block first, with snapshot as the one union that starts with its text", () => {
    const source = fieldOf(envelopeOf('product', 'source'), 'source').type as AvroRecord;
    const debezium = [
      'version',
      'connector',
      'name',
      'ts_ms',
      'snapshot',
      'db',
      'sequence',
      'ts_us',
      'ts_ns',
    ];
    const ours = ['system', 'entity', 'vendor_id', 'vendor_time', 'supplied', 'echo'];
    expect(namesOf(source)).toEqual([...debezium, ...ours]);
    expect(source['connect.version']).toBe(1);
    expect(fieldOf(source, 'snapshot')).toMatchObject({
      default: 'false',
      type: [
        {
          type: 'string',
          'connect.version': 1,
          'connect.default': 'false',
          'connect.name': 'io.debezium.data.Enum',
          'connect.parameters': {
            allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental',
          },
        },
        'null',
      ],
    });
  });

  it('has the transaction block of Debezium', () => {
    const [, block] = fieldOf(envelopeOf('product', 'source'), 'transaction').type as [string, AvroRecord];
    expect(`${block.namespace}.${block.name}`).toBe('event.block');
    expect(namesOf(block)).toEqual(['id', 'total_order', 'data_collection_order']);
  });

  it.each(combinations)('documents every field of the $kind topic of $entity', ({ entity, kind }) => {
    const fields = nodesWith('fields', envelopeOf(entity, kind)).flatMap(
      (node) => (node as AvroRecord).fields,
    );
    expect(fields.filter((field) => !field.doc?.endsWith('.')).map((field) => field.name)).toEqual([]);
  });

  it.each(combinations)('has no enums, and null first in the $kind topic of $entity', ({ entity, kind }) => {
    const envelope = envelopeOf(entity, kind);
    expect(nodesWith('symbols', envelope)).toEqual([]);
    const unions = nodesWith('default', envelope).filter((node) => Array.isArray(node.type));
    const others = unions.filter(
      (node) => (node.type as unknown[])[0] !== 'null' || node['default'] !== null,
    );
    expect(others.map((node) => node['name'])).toEqual(['snapshot']);
  });

  it.each(ENTITIES)('gives a record of %s its identity and the attributes of its key', (entity) => {
    const [, value] = fieldOf(envelopeOf(entity, 'golden'), 'before').type as [string, AvroRecord];
    const fields = namesOf(value);
    const identity = entity === 'variant' ? ['hub_id', 'product_id', 'version'] : ['hub_id', 'version'];
    expect(fields.slice(0, identity.length)).toEqual(identity);
    const key = JSON.parse(sut.keySchema('t', entity)) as AvroRecord;
    expect(namesOf(key)).toEqual(KEY_ATTRIBUTES[entity]);
    expect(fields).toEqual(expect.arrayContaining([...KEY_ATTRIBUTES[entity], 'localised', 'custom']));
  });
});

describe('loadSchemas', () => {
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'millrace-schemas-'));
    cpSync(dir, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')));

  it('names the file that is missing', () => {
    rmSync(join(copy, 'entities/variant.avsc'));
    expect(() => loadSchemas(copy)).toThrow(SchemaError);
    expect(() => loadSchemas(copy)).toThrow('reading schema entities/variant.avsc: it is not in');
  });

  it('names the file that is not JSON, or not a record', () => {
    edit('source.avsc', () => '{');
    expect(() => loadSchemas(copy)).toThrow('reading schema source.avsc: ');
    edit('source.avsc', () => '{"type":"string"}');
    expect(() => loadSchemas(copy)).toThrow(
      'reading schema source.avsc: it is not an Avro record with fields',
    );
  });

  it('names the field whose type no attribute can have', () => {
    edit('entities/product.avsc', (text) => text.replace('["null", "string"]', '["null", "double"]'));
    expect(() => loadSchemas(copy)).toThrow(
      'reading schema entities/product.avsc: the type of the field code is none that an attribute can have',
    );
  });

  it('names the type that is not defined', () => {
    edit('types/custom-value.avsc', (text) => text.replace('"MediaReference"', '"MediaReferenz"'));
    expect(() => loadSchemas(copy).envelopeSchema('t', 'product', 'source')).toThrow(
      'reading schema entities/product.avsc: the type MediaReferenz is not defined',
    );
  });

  it('finds every file that is there in use', () => {
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.avsc'),
    );
    expect(files.length).toBe(6 + 2 * ENTITIES.length);
  });
});
