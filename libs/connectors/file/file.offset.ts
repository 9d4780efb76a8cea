/** Where the file source stands. JSON, with a format version. */
import { configFault } from '#connector-sdk';
import type { Json } from '#connector-sdk';
import { z } from 'zod';

const offset = z.object({
  v: z.literal(1),
  /** Lines before this byte were read. */
  end: z.number().int().nonnegative(),
  /** Number of the line that begins there, from 1. */
  nextLine: z.number().int().positive(),
  /** Fingerprint of what lies before `end`. */
  fingerprint: z.string(),
  /** Size and time of the file when it was last looked at. */
  size: z.number(),
  mtimeMs: z.number(),
  /** In a snapshot: records of the lines before `end` that were already reported. */
  snapshot: z.object({ done: z.number().int().nonnegative() }).optional(),
});

export type FileOffset = z.infer<typeof offset>;

/** Reads a saved offset. Throws a `config` fault `unreadable_offset`. */
export function decodeOffset(saved: Json): FileOffset {
  const parsed = offset.safeParse(saved);
  if (parsed.success) return parsed.data;
  const found = JSON.stringify(saved).slice(0, 120);
  throw configFault('unreadable_offset', `decoding the offset of a file: ${found} has no known format`);
}
