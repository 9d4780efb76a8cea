import avro from 'avsc';
import type { Type } from 'avsc';
import { boundsCheck } from './avro-bounds';
import type { BoundsCheck } from './avro-bounds';
import type { AvroField, AvroNode } from './avro-schema';
import { DecodeError } from './errors';
import { FRAME_BYTES, schemaIdOf } from './frame';

/** Fields that exceed 2^53 and are bigint in memory; all other longs are numbers, checked for exactness. */
const BIGINT_FIELDS: ReadonlySet<string> = new Set(['ts_ns']);

/** An Avro `long` as bigint. avsc hands over and takes eight bytes, little-endian. */
// oxlint-disable-next-line eslint/no-underscore-dangle -- the library's public name for this
const BIGINT_LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => value.toString(),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b)),
});

const BIGINT_MARK = { type: 'long', exact: true };

/** Compiles a schema's JSON text. Throws an Error in avsc's words for a schema that is none. */
export function parseType(schema: string): Type {
  const marked = JSON.parse(schema, markBigints) as avro.Schema;
  return avro.Type.forSchema(marked, {
    omitRecordMethods: true,
    typeHook: (node) => (isBigintMark(node) ? BIGINT_LONG : undefined),
  });
}

function markBigints(_: string, node: unknown): unknown {
  const field = node as Partial<AvroField> | null;
  if (field === null || typeof field !== 'object' || !BIGINT_FIELDS.has(String(field.name))) return node;
  return { ...field, type: markLong(field.type) };
}

function markLong(type: AvroNode | undefined): unknown {
  if (Array.isArray(type)) return type.map(markLong);
  return type === 'long' ? BIGINT_MARK : type;
}

function isBigintMark(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'exact' in node;
}

/** The buffer that records are written into before they are copied out; grows with the largest one. */
let scratch = Buffer.allocUnsafe(64 * 1024);

/** Writes a value in Confluent's wire format. Throws avsc's error for a value that does not fit the type. */
export function encodeFramed(type: Type, schemaId: number, value: unknown): Buffer {
  let end = type.encode(value, scratch, FRAME_BYTES);
  if (end < 0) {
    scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
    end = type.encode(value, scratch, FRAME_BYTES);
  }
  scratch[0] = 0;
  scratch.writeInt32BE(schemaId, 1);
  return Buffer.from(scratch.subarray(0, end));
}

interface Writer {
  bounds: BoundsCheck;
  resolver: ReturnType<Type['createResolver']>;
}

/**
 * Reads framed bytes of any writer's schema as one reader's type. What it takes to read a writer's bytes is
 * made once for each schema id, and kept.
 */
export class FramedReader {
  private readonly reader: Type;
  private readonly writers = new Map<number, Writer>();

  constructor(readerSchema: string) {
    this.reader = parseType(readerSchema);
  }

  /** True when bytes of this schema id can be read without giving the schema again. */
  knows(schemaId: number): boolean {
    return this.writers.has(schemaId);
  }

  /** Makes bytes of a schema id readable. Throws a DecodeError when the writer's schema cannot be read as ours. */
  learn(schemaId: number, writerSchema: string): Writer {
    try {
      const schema = JSON.parse(writerSchema) as AvroNode;
      const type = parseType(writerSchema);
      const resolver = this.reader.createResolver(type, { ignoreNamespaces: true });
      const writer = { bounds: boundsCheck(schema), resolver };
      this.writers.set(schemaId, writer);
      return writer;
    } catch (error) {
      const reason = (error as Error).message;
      throw new DecodeError(`reading bytes of schema ${schemaId}: ${reason}`, { cause: error });
    }
  }

  /** Throws a DecodeError for bytes that are not one whole record of their schema. */
  read(bytes: Buffer, writerSchema?: string): unknown {
    const schemaId = schemaIdOf(bytes);
    const writer = this.writers.get(schemaId) ?? this.learnFrom(schemaId, writerSchema);
    const end = writer.bounds(bytes, FRAME_BYTES);
    if (end !== bytes.length) {
      throw new DecodeError(`reading Avro bytes: ${bytes.length - end} are left over after the record`);
    }
    try {
      return this.reader.decode(bytes, FRAME_BYTES, writer.resolver).value as unknown;
    } catch (error) {
      throw new DecodeError(`reading Avro bytes: ${(error as Error).message}`, { cause: error });
    }
  }

  private learnFrom(schemaId: number, writerSchema: string | undefined): Writer {
    if (writerSchema !== undefined) return this.learn(schemaId, writerSchema);
    throw new DecodeError(`reading bytes of schema ${schemaId}: its schema was not given`);
  }
}
