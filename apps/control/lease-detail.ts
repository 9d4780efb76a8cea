import { z } from 'zod';
import type { ConnectorStatus } from './status.types';

/** A row of `lease`, as control selects it. */
export interface LeaseRow {
  name: string;
  holder: string;
  held: boolean;
  detail: unknown;
}

const time = z
  .union([z.number(), z.string()])
  .transform((value) => new Date(value))
  .refine((value) => !Number.isNaN(value.getTime()))
  .transform((value) => value.toISOString());

/** A field that is missing or of another shape is unknown; a status must not fail for it. */
const lenient = <T extends z.ZodType>(type: T) => type.nullable().catch(null).default(null);

const detail = z.object({
  phase: z.enum(['snapshot', 'streaming']).catch('streaming').optional(),
  read: lenient(z.number()),
  total: lenient(z.number()),
  last_poll_at: lenient(time),
  last_change_at: lenient(time),
  changes: lenient(z.number()),
});

/** The connector task that a lease `source:<system>:<task>` tells of; null for leases of another kind. */
export function connectorOf({ name, holder, held, detail: raw }: LeaseRow): ConnectorStatus | null {
  const [kind, system, ...task] = name.split(':');
  if (kind !== 'source' || !system || task.length === 0) return null;
  const parsed = detail.catch(detail.parse({})).parse(raw ?? {});
  return {
    system,
    task: task.join(':'),
    phase: parsed.phase ?? 'waiting',
    held,
    holder,
    read: parsed.read,
    total: parsed.total,
    lastPollAt: parsed.last_poll_at,
    lastChangeAt: parsed.last_change_at,
    changes: parsed.changes,
  };
}
