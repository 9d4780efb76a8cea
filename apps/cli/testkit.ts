import { createColors } from 'picocolors';
import type { CliContext, Output } from './context';
import type { Services } from './program';
import type { ReadOptions, TailRecord, TopicReader } from './tail/tail.types';

/** What a command wrote. */
export class Recorder implements Output {
  text = '';
  columns = 100;

  constructor(readonly isTTY = false) {}

  write(text: string): void {
    this.text += text;
  }

  get lines(): string[] {
    return this.text.replace(/\n$/, '').split('\n');
  }
}

export type TestContext = CliContext & { stdout: Recorder; stderr: Recorder; interrupt: () => void };

/** A context without a process: no colours, output kept, an interrupt that tests may send. */
export function testContext(overrides: Partial<CliContext> = {}): TestContext {
  const controller = new AbortController();
  return {
    env: {},
    cwd: '/nowhere',
    now: () => Date.parse('2026-11-21T12:00:00Z'),
    fetch: () => Promise.reject(new TypeError('fetch failed')),
    colours: createColors(false),
    signal: controller.signal,
    lifecycle: { endAtOnce: null, outlivesItsReader: false },
    ...overrides,
    stdout: new Recorder(),
    stderr: new Recorder(),
    interrupt: () => controller.abort(),
  };
}

/** Services of which a test replaces those that it expects to be used. */
export function testServices(overrides: Partial<Services> = {}): Services {
  return {
    startHub: () => Promise.reject(new Error('startHub is not expected here')),
    hub: {
      pid: () => Promise.reject(new Error('hub.pid is not expected here')),
      endOrphans: () => Promise.reject(new Error('hub.endOrphans is not expected here')),
    },
    openReader: () => Promise.reject(new Error('openReader is not expected here')),
    ...overrides,
  };
}

/** A reader of records that are given, in their order. */
export class FakeReader implements TopicReader {
  asked: ReadOptions[] = [];
  closed = false;

  constructor(
    private readonly names: string[],
    private readonly records: readonly TailRecord[] = [],
  ) {}

  topics = () => Promise.resolve(this.names);

  read(options: ReadOptions, onRecord: (record: TailRecord) => boolean): Promise<void> {
    this.asked.push(options);
    for (const record of this.records) if (!onRecord(record)) break;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
