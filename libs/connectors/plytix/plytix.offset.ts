/** Where the source stands. JSON, with a format version, so that a later release reads what this one saved. */
import { configFault } from '#connector-sdk';
import type { Json } from '#connector-sdk';
import { z } from 'zod';

const position = z.object({
  /** Newest change that was seen, milliseconds since the epoch; null while the account has no products. */
  watermark: z.number().nullable(),
  /** `modified`, verbatim, of each product that was read and lies within the overlap before the watermark. */
  seen: z.record(z.string(), z.string()),
  /** Parents whose variants are to be read once more, with the time from which on; milliseconds since the epoch. */
  again: z.record(z.string(), z.number()),
});

/** A window of `created` days, `from` included, `to` not; null is open. */
const slice = z.object({ from: z.string().nullable(), to: z.string().nullable(), ordered: z.boolean() });

const walk = z.object({
  /** Windows still to be read; the first one is being read. */
  slices: z.array(slice),
  /** Page of the first window to be read next, from 1. */
  page: z.number(),
  /** Matches that the page before told; null before the first. */
  count: z.number().nullable(),
});

const offset = z.discriminatedUnion('phase', [
  z.object({ v: z.literal(1), phase: z.literal('stream'), position }),
  z.object({
    v: z.literal(1),
    phase: z.literal('snapshot'),
    /** Taken before the snapshot; streaming goes on from here. */
    position,
    /** Index into the snapshot's stages: products, variants, sub-variants. */
    stage: z.number(),
    walk,
    read: z.number(),
  }),
]);

/** Position in the stream of changes. */
export type StreamPosition = z.infer<typeof position>;
export type Slice = z.infer<typeof slice>;
/** Position in a complete pass over the products. */
export type WalkPosition = z.infer<typeof walk>;
export type PlytixOffset = z.infer<typeof offset>;
export type SnapshotOffset = Extract<PlytixOffset, { phase: 'snapshot' }>;

/** Reads a saved offset. Throws a `config` fault `unreadable_offset`, for instance for one of a newer release. */
export function decodeOffset(saved: Json): PlytixOffset {
  const parsed = offset.safeParse(saved);
  if (parsed.success) return parsed.data;
  const found = JSON.stringify(saved).slice(0, 120);
  throw configFault(
    'unreadable_offset',
    `decoding the offset of plytix: ${found} has no known format. Start a new snapshot, or the newer release that wrote it`,
  );
}

export function streamOffset(position: StreamPosition): PlytixOffset {
  return { v: 1, phase: 'stream', position };
}
