import { fullName, isRecord } from './avro-schema';
import type { AvroNode, AvroObject, AvroRecord } from './avro-schema';
import { DecodeError } from './errors';

/**
 * Follows the lengths and counts of Avro bytes without reading values, and returns where the datum ends. Throws
 * a DecodeError for a length that leaves the buffer, or a count with more items than there are bytes.
 *
 * The decoder in use (avsc) trusts counts: bytes that are not what their schema says can keep it busy for hours.
 */
export type BoundsCheck = (bytes: Buffer, start: number) => number;

interface Cursor {
  bytes: Buffer;
  pos: number;
}

type Step = (cursor: Cursor) => void;

/** Compiles the check for one schema. Throws an Error for a schema that refers to an unknown type. */
export function boundsCheck(schema: AvroNode): BoundsCheck {
  const step = new Compiler().compile(schema, '');
  return (bytes, start) => {
    const cursor = { bytes, pos: start };
    step(cursor);
    return cursor.pos;
  };
}

class Compiler {
  private readonly named = new Map<string, Step>();

  compile(node: AvroNode, namespace: string): Step {
    if (typeof node === 'string') return FIXED_STEPS[node] ?? this.reference(node, namespace);
    if (Array.isArray(node)) return union(node.map((branch) => this.compile(branch, namespace)));
    if (isRecord(node)) return this.record(node, namespace);
    if (node.type === 'array') return items(this.compile(node['items'] as AvroNode, namespace));
    if (node.type === 'map') return items(entry(this.compile(node['values'] as AvroNode, namespace)));
    if (node.type === 'fixed') return this.define(node, namespace, forward(Number(node['size'])));
    if (node.type === 'enum') return this.define(node, namespace, varint);
    return this.compile(node.type, namespace);
  }

  private record(record: AvroRecord, outer: string): Step {
    const namespace = namespaceOf(record, outer);
    const steps: Step[] = [];
    const step: Step = (cursor) => {
      for (const field of steps) field(cursor);
    };
    this.define(record, outer, step);
    for (const field of record.fields) steps.push(this.compile(field.type, namespace));
    return step;
  }

  private define(node: AvroObject, outer: string, step: Step): Step {
    const name = String(node['name']);
    const namespace = namespaceOf(node, outer);
    this.named.set(name.includes('.') ? name : fullName({ name, namespace } as AvroRecord), step);
    return step;
  }

  private reference(name: string, namespace: string): Step {
    const step = this.named.get(name) ?? this.named.get(`${namespace}.${name}`);
    if (step === undefined) throw new Error(`the type ${name} is not defined`);
    return step;
  }
}

function namespaceOf(node: AvroObject, outer: string): string {
  const name = String(node['name']);
  if (name.includes('.')) return name.slice(0, name.lastIndexOf('.'));
  return typeof node['namespace'] === 'string' ? node['namespace'] : outer;
}

function forward(size: number): Step {
  return (cursor) => {
    cursor.pos += size;
    if (cursor.pos > cursor.bytes.length) throw tooShort();
  };
}

function varint(cursor: Cursor): void {
  readLong(cursor);
}

function text(cursor: Cursor): void {
  const length = readLong(cursor);
  if (length < 0 || length > cursor.bytes.length - cursor.pos) throw tooShort();
  cursor.pos += length;
}

const FIXED_STEPS: Readonly<Record<string, Step>> = {
  null: () => undefined,
  boolean: forward(1),
  int: varint,
  long: varint,
  float: forward(4),
  double: forward(8),
  bytes: text,
  string: text,
};

function entry(value: Step): Step {
  return (cursor) => {
    text(cursor);
    value(cursor);
  };
}

/** Arrays and maps: blocks of a count and its items; a negative count is followed by the block's size. */
function items(item: Step): Step {
  return (cursor) => {
    for (let count = readLong(cursor); count !== 0; count = readLong(cursor)) {
      if (count < 0) readLong(cursor);
      const size = Math.abs(count);
      if (size > cursor.bytes.length - cursor.pos) throw tooShort();
      for (let index = 0; index < size; index += 1) item(cursor);
    }
  };
}

function union(branches: readonly Step[]): Step {
  return (cursor) => {
    const index = readLong(cursor);
    const branch = branches[index];
    if (branch === undefined) throw new DecodeError(`reading Avro bytes: a union has no branch ${index}`);
    branch(cursor);
  };
}

/** Zig-zag varint. Exact up to 2^53, and monotonous beyond, which is all that bounds need. */
function readLong(cursor: Cursor): number {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (let length = 0; length < 10; length += 1) {
    if (cursor.pos >= bytes.length) throw tooShort();
    const byte = bytes[cursor.pos]!;
    cursor.pos += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    scale *= 128;
  }
  throw new DecodeError('reading Avro bytes: a number has more than ten bytes');
}

function tooShort(): DecodeError {
  return new DecodeError('reading Avro bytes: they end before the record does');
}
