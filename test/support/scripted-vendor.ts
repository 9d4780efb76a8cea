/** A vendor that tests write by hand: what is set or removed is observed at the next poll. */
import type {
  ConnectorDefinition,
  Json,
  Observation,
  Page,
  SourceConnector,
  SourceOffset,
  SourceTask,
  VendorState,
} from '#connector-sdk';
import { defineConfig } from '#connector-sdk';
import type { EntityName, SystemName } from '#contracts';

interface LogOffset extends SourceOffset {
  next: number;
}

type Entry = { entity: EntityName; vendorId: string; state: VendorState | null; atMs: number };

const TASK: SourceTask = { name: 'products', entities: ['product', 'variant'] };

/** Keeps a log of changes; a page is what one `change` call made. */
export class ScriptedVendor {
  private readonly log: Entry[][] = [];
  private readonly current = new Map<string, Entry>();

  constructor(readonly system: SystemName) {}

  /** Number of pages so far: where a source offset is once it has caught up. */
  get length(): number {
    return this.log.length;
  }

  /** Makes all changes visible in one page. */
  change(...changes: [EntityName, string, VendorState | null][]): void {
    const page = changes.map(([entity, vendorId, state]): Entry => ({
      entity,
      vendorId,
      state,
      atMs: Date.now(),
    }));
    for (const entry of page) this.current.set(`${entry.entity} ${entry.vendorId}`, entry);
    this.log.push(page);
  }

  definition(): ConnectorDefinition {
    return {
      name: `scripted-${this.system}`,
      title: 'A vendor written by a test',
      apiVersion: '1',
      config: defineConfig({ fields: {} }),
      entities: [{ entity: 'product' }, { entity: 'variant' }],
      system: () => this.system,
      source: () => this.connector(),
    };
  }

  private connector(): SourceConnector {
    return {
      tasks: () => [TASK],
      decodeOffset: (saved: Json) => saved as unknown as LogOffset,
      position: async () => ({ v: 1, next: this.log.length }) as LogOffset,
      snapshot: (_task, resume) => this.snapshot(resume as LogOffset),
      stream: (_task, from) => this.stream(from as LogOffset),
      read: async (_task, entity, vendorId) => this.read(entity, vendorId),
      close: async () => undefined,
    };
  }

  private async *snapshot(resume: LogOffset): AsyncGenerator<Page<LogOffset>> {
    const entries = [...this.current.values()].filter((entry) => entry.state !== null);
    const products = entries.filter((entry) => entry.entity === 'product');
    const others = entries.filter((entry) => entry.entity !== 'product');
    const observations = [...products, ...others].map((entry) => observe(entry));
    yield { observations, offset: resume, complete: true };
  }

  private async *stream(from: LogOffset): AsyncGenerator<Page<LogOffset>> {
    for (let next = from.next; next < this.log.length; next++)
      yield {
        observations: this.log[next]!.map((entry) => observe(entry)),
        offset: { v: 1, next: next + 1 },
      };
  }

  private read(entity: EntityName, vendorId: string): Observation {
    const entry = this.current.get(`${entity} ${vendorId}`);
    return observe(entry ?? { entity, vendorId, state: null, atMs: Date.now() }, true);
  }
}

function observe({ entity, vendorId, state, atMs }: Entry, direct = false): Observation {
  const base = { entity, vendorId, requestedAtMs: Date.now(), direct, changedAtMs: atMs };
  return state === null ? { ...base, kind: 'gone' } : { ...base, kind: 'present', state, vendorTime: null };
}
