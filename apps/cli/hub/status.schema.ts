import { z } from 'zod';

/** Decoders of what the control API answers. Fields that a later release adds are ignored. */
const time = z.iso.datetime();

const part = z.object({
  name: z.string(),
  state: z.string(),
  since: time.nullable(),
  pid: z.number().nullable(),
  restarts: z.number(),
  lastExit: z.string().nullable().default(null),
});

const connector = z.object({
  system: z.string(),
  task: z.string(),
  phase: z.enum(['snapshot', 'streaming', 'waiting']),
  held: z.boolean(),
  holder: z.string(),
  read: z.number().nullable(),
  total: z.number().nullable(),
  lastPollAt: time.nullable(),
  lastChangeAt: time.nullable(),
  changes: z.number().nullable(),
});

const group = z.object({
  group: z.string(),
  topic: z.string(),
  lag: z.number().nullable(),
});

export const statusSchema = z.object({
  at: time,
  topicPrefix: z.string(),
  parts: z.array(part),
  connectors: z.array(connector),
  records: z.array(z.object({ entity: z.string(), live: z.number(), deleted: z.number() })),
  refused: z.array(
    z.object({
      system: z.string(),
      entity: z.string(),
      group: z.string(),
      values: z.number(),
      occurrences: z.number(),
    }),
  ),
  exceptions: z.array(
    z.object({ class: z.string(), severity: z.string(), open: z.number(), oldestAt: time }),
  ),
  groups: z.array(group),
  outbox: z.array(z.object({ shard: z.number(), rows: z.number(), oldestAt: time.nullable() })),
  problems: z.array(z.string()),
});

export const topicsSchema = z.array(
  z.object({ name: z.string(), partitions: z.number(), offsets: z.number() }),
);

export const exceptionsSchema = z.array(
  z.object({
    id: z.string(),
    class: z.string(),
    severity: z.string(),
    state: z.string(),
    system: z.string().nullable(),
    entity: z.string().nullable(),
    recordKey: z.string().nullable(),
    attribute: z.string().nullable(),
    target: z.string().nullable(),
    message: z.string(),
    occurrences: z.number(),
    firstAt: time,
    lastAt: time,
  }),
);

export type HubStatus = z.infer<typeof statusSchema>;
export type PartStatus = HubStatus['parts'][number];
export type ConnectorStatus = HubStatus['connectors'][number];
export type TopicStatus = z.infer<typeof topicsSchema>[number];
export type ExceptionStatus = z.infer<typeof exceptionsSchema>[number];
