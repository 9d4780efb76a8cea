import { z } from 'zod';

/**
 * A fault that the next matching calls meet. Kinds:
 * `status`: the given status and body instead of the real answer; `html200`: an HTML page with status 200;
 * `truncated`: the real answer, cut in the middle of its JSON; `reset`: the connection is torn down unanswered;
 * `slow`: the real answer after `delayMs`; `applied`: the call takes effect, but is answered with the given status.
 */
export const faultSchema = z
  .strictObject({
    /** Path without the query. `*` stands for any characters. */
    path: z.string().startsWith('/'),
    method: z
      .string()
      .transform((method) => method.toUpperCase())
      .optional(),
    kind: z.enum(['status', 'html200', 'truncated', 'reset', 'slow', 'applied']),
    status: z.int().min(200).max(599).default(500),
    body: z.unknown().optional(),
    contentType: z.string().default('application/json'),
    headers: z.record(z.string(), z.string()).default({}),
    /** How many calls meet the fault. */
    times: z.int().min(1).default(1),
    delayMs: z.int().min(0).max(600_000).default(0),
  })
  .meta({ title: 'fault' });
export type Fault = z.infer<typeof faultSchema>;

interface ArmedFault {
  id: number;
  fault: Fault;
  pattern: RegExp;
  left: number;
}

/** The faults that are armed, oldest first. One call meets at most one fault. */
export class FaultRegister {
  private armed: ArmedFault[] = [];
  private nextId = 1;

  add(fault: Fault): number {
    const source = fault.path
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    const id = this.nextId++;
    this.armed.push({ id, fault, pattern: new RegExp(`^${source}$`, 's'), left: fault.times });
    return id;
  }

  /** The fault that this call meets, counted as used; null if it goes through unharmed. */
  take(method: string, path: string): Fault | null {
    const hit = this.armed.find(
      ({ fault, pattern }) => (fault.method === undefined || fault.method === method) && pattern.test(path),
    );
    if (!hit) return null;
    hit.left -= 1;
    if (hit.left === 0) this.armed = this.armed.filter((other) => other !== hit);
    return hit.fault;
  }

  list(): { id: number; left: number; fault: Fault }[] {
    return this.armed.map(({ id, left, fault }) => ({ id, left, fault }));
  }

  clear(): void {
    this.armed = [];
  }
}
