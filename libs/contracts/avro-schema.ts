/** Avro schemas as JSON: what the files hold, and how one topic's schema is composed of them. */

/** A schema: the name of a type, a union, or an object with a `type`. */
export type AvroNode = string | AvroNode[] | AvroObject;

export interface AvroObject {
  type: AvroNode;
  [property: string]: unknown;
}

export interface AvroField {
  name: string;
  type: AvroNode;
  doc?: string;
  default?: unknown;
  /** Of the envelope's template: the field is in topics of this kind only. */
  kind?: string;
}

export interface AvroRecord extends AvroObject {
  type: 'record';
  name: string;
  namespace?: string;
  fields: AvroField[];
}

export function isRecord(node: unknown): node is AvroRecord {
  return isObject(node) && node['type'] === 'record' && Array.isArray(node['fields']);
}

function isObject(node: unknown): node is AvroObject {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

/**
 * Puts the definition of each named type where the type is named first; later uses keep its full name. Throws
 * an Error that names a type which is not in `library`.
 */
export function inlineTypes(root: AvroRecord, library: ReadonlyMap<string, AvroRecord>): AvroRecord {
  const defined = new Set<string>();

  const inlineRecord = (record: AvroRecord): AvroRecord => {
    defined.add(fullName(record));
    return {
      ...record,
      fields: record.fields.map((field) => ({ ...field, type: inline(field.type) })),
    };
  };

  const inline = (node: AvroNode): AvroNode => {
    if (Array.isArray(node)) return node.map(inline);
    if (typeof node === 'object') return inlineChild(node, inline, inlineRecord);
    if (PRIMITIVES.has(node)) return node;
    const found = library.get(node);
    if (found === undefined) throw new Error(`the type ${node} is not defined`);
    return defined.has(fullName(found)) ? fullName(found) : inlineRecord(found);
  };

  return inlineRecord(root);
}

function inlineChild(
  node: AvroObject,
  inline: (child: AvroNode) => AvroNode,
  inlineRecord: (record: AvroRecord) => AvroRecord,
): AvroNode {
  if (isRecord(node)) return inlineRecord(node);
  if (node.type === 'array') return { ...node, items: inline(node['items'] as AvroNode) };
  if (node.type === 'map') return { ...node, values: inline(node['values'] as AvroNode) };
  return node;
}

export function fullName(record: AvroRecord): string {
  return record.namespace === undefined ? record.name : `${record.namespace}.${record.name}`;
}

/**
 * The namespace of a topic's own types: its name, with what Avro does not allow in names replaced by `_`, as
 * Debezium does (`schema.name.adjustment.mode=avro`).
 */
export function topicNamespace(topic: string): string {
  return topic
    .split('.')
    .map((segment) => segment.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9]|$)/, '_'))
    .join('.');
}
