import { DecodeError } from './errors';

/** Confluent's wire format: magic 0, schema id (4 bytes, big-endian), Avro. */
export const FRAME_BYTES = 5;

/**
 * The id of the schema that framed bytes were written with. Throws a DecodeError for bytes that have no such
 * frame, the newer one with a GUID (magic 1) among them.
 */
export function schemaIdOf(bytes: Buffer): number {
  if (bytes.length < FRAME_BYTES) {
    throw new DecodeError(`reading the schema id: ${bytes.length} bytes are too few`);
  }
  if (bytes[0] !== 0) throw new DecodeError(`reading the schema id: the first byte is ${bytes[0]}, not 0`);
  return bytes.readInt32BE(1);
}
