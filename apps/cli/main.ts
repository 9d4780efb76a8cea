import { existsSync, rmSync } from 'node:fs';
import { processContext } from './context';
import { EXIT } from './errors';
import { run } from './program';
import type { Services } from './program';

/**
 * A second signal this soon after the first is the same Ctrl-C: the terminal sends it to all processes in the
 * foreground, and npm passes it on to us once more.
 */
const SAME_KEYPRESS_MS = 500;

/** Loaded when first used: status and env answer without waiting for a Kafka client. */
const services: Services = {
  startHub: async (options) => (await import('#stack')).startHub(options),
  hub: {
    pid: async (home) => {
      const { HomePaths, lockHolder } = await import('#stack');
      return lockHolder(new HomePaths(home).lockFile());
    },
    endOrphans: async (home) => {
      const { HomePaths, Supervisor } = await import('#stack');
      const paths = new HomePaths(home);
      const orphans = existsSync(paths.pidsFile()) ? await Supervisor.endOrphans(paths) : [];
      // Whoever reads it would take addresses that nobody answers at any more.
      rmSync(paths.runFile(), { force: true });
      return orphans;
    },
  },
  openReader: async (context) => (await import('./tail/kafka-topic-reader.js')).openTopicReader(context),
};

const interruption = new AbortController();
const context = processContext(interruption.signal);

let interruptedAt = 0;
function onSignal(): void {
  if (!interruption.signal.aborted) {
    interruptedAt = Date.now();
    interruption.abort();
  } else if (Date.now() - interruptedAt > SAME_KEYPRESS_MS) {
    context.lifecycle.endAtOnce?.();
    process.exit(EXIT.interrupted);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    if (!context.lifecycle.outlivesItsReader) process.exit(EXIT.ok);
  });
}

/** Output to a pipe may still be on its way: exiting before it is written would cut it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

void run(process.argv.slice(2), context, services).then(async (code) => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code === EXIT.ok ? process.exitCode : code);
});
