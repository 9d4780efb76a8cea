import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inlineTypes, isRecord, topicNamespace } from './avro-schema';
import type { AvroField, AvroRecord } from './avro-schema';
import { SchemaError } from './errors';
import { EntityLayout } from './layout';
import type { EnvelopeKind } from './topics';
import { ENTITIES } from './types';
import type { EntityName } from './types';

/** Types that several schemas share, by the word that the files use for them. */
const SHARED: Readonly<Record<string, string>> = {
  Source: 'source.avsc',
  CustomValue: 'types/custom-value.avsc',
  MediaReference: 'types/media-reference.avsc',
  ProvenanceGroup: 'types/provenance-group.avsc',
  'event.block': 'types/transaction-block.avsc',
};

const ENVELOPE = 'envelope.avsc';
const keyFile = (entity: EntityName): string => `keys/${entity}.avsc`;
const entityFile = (entity: EntityName): string => `entities/${entity}.avsc`;

/** The directory `schemas` of this repository or image: the nearest one above this file. */
export function defaultSchemasDir(): string {
  let dir = __dirname;
  while (!existsSync(join(dir, 'schemas', ENVELOPE))) {
    const parent = dirname(dir);
    if (parent === dir) throw new SchemaError(ENVELOPE, 'there is no directory schemas above the program');
    dir = parent;
  }
  return join(dir, 'schemas');
}

/**
 * Reads all schema files below `dir`. Throws a SchemaError that names the first file which is missing, not JSON,
 * or not what its place in the tree says.
 */
export function loadSchemas(dir: string): SchemaSet {
  const records = new Map<string, AvroRecord>();
  const files = [ENVELOPE, ...Object.values(SHARED), ...ENTITIES.map(keyFile), ...ENTITIES.map(entityFile)];
  for (const file of files) records.set(file, readRecord(dir, file));
  return new SchemaSet(records);
}

function readRecord(dir: string, file: string): AvroRecord {
  let schema: unknown;
  try {
    schema = JSON.parse(readFileSync(join(dir, file), 'utf8'));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SchemaError(file, missing ? `it is not in ${dir}` : (error as Error).message, { cause: error });
  }
  if (!isRecord(schema)) throw new SchemaError(file, 'it is not an Avro record with fields');
  return schema;
}

export interface EnvelopeOptions {
  /** Fields of the envelope that are left out: a projection, for readers that do not need them. */
  omit?: ReadonlySet<string>;
}

/**
 * All schemas of the hub. The schema of a topic is composed: its `Key`, `Value` and `Envelope` live in a
 * namespace of the topic's name; what is shared lives in `millrace`.
 */
export class SchemaSet {
  private readonly shared: ReadonlyMap<string, AvroRecord>;
  private readonly layouts = new Map<EntityName, EntityLayout>();

  constructor(private readonly files: ReadonlyMap<string, AvroRecord>) {
    this.shared = new Map(Object.entries(SHARED).map(([name, file]) => [name, this.file(file)]));
    for (const entity of ENTITIES) this.layouts.set(entity, this.makeLayout(entity));
  }

  /** JSON text of the schema of a topic's keys: subject `<topic>-key`. */
  keySchema(topic: string, entity: EntityName): string {
    return JSON.stringify(named(this.file(keyFile(entity)), topic, 1));
  }

  /** JSON text of the schema of a topic's values: subject `<topic>-value`. */
  envelopeSchema(topic: string, entity: EntityName, kind: EnvelopeKind, options?: EnvelopeOptions): string {
    const template = this.file(ENVELOPE);
    const value = named(this.file(entityFile(entity)), topic, 1);
    const fields = template.fields
      .filter((field) => field.kind === undefined || field.kind === kind)
      .filter((field) => options?.omit?.has(field.name) !== true)
      .map(withoutKind);
    const envelope = named({ ...template, fields }, topic, 2);
    const library = new Map([...this.shared, ['Value', value]]);
    try {
      return JSON.stringify(inlineTypes(envelope, library));
    } catch (error) {
      throw new SchemaError(entityFile(entity), (error as Error).message, { cause: error });
    }
  }

  /** How the attributes of an entity lie in its Avro record. */
  layout(entity: EntityName): EntityLayout {
    return this.layouts.get(entity)!;
  }

  private makeLayout(entity: EntityName): EntityLayout {
    try {
      return new EntityLayout(entity, this.file(entityFile(entity)));
    } catch (error) {
      throw new SchemaError(entityFile(entity), (error as Error).message, { cause: error });
    }
  }

  private file(name: string): AvroRecord {
    const record = this.files.get(name);
    if (record === undefined) throw new SchemaError(name, 'it was not loaded');
    return record;
  }
}

function withoutKind(field: AvroField): AvroField {
  const plain = { ...field };
  delete plain.kind;
  return plain;
}

/** Gives a record the topic's namespace, and the properties that Kafka Connect's converter keeps in schemas. */
function named(record: AvroRecord, topic: string, connectVersion: number): AvroRecord {
  const namespace = topicNamespace(topic);
  const { type, name, doc, fields } = record;
  return {
    type,
    name,
    namespace,
    doc,
    fields,
    'connect.version': connectVersion,
    'connect.name': `${namespace}.${name}`,
  };
}
