import { relative } from 'node:path';
import type { Command } from 'commander';
import type { HubOptions, RunningHub } from '#stack';
import type { CliContext, Output } from '../context';
import { EXIT, exitCodeOf, messageOf } from '../errors';
import { formatDuration } from '../format/time';
import { ControlApi } from '../hub/control-api';
import { homeOf } from '../hub/run-file';
import { BACKGROUND, sendReport, startDetached } from '../start/detach';
import { Screen } from '../start/screen';
import { watchSnapshots } from '../start/snapshot-progress';
import { StartProgress } from '../start/start-progress';
import { VERSION } from '../version';
import { wholeNumber } from './options';

const EXAMPLES = `
Starts PostgreSQL, Kafka, the schema registry, the sandboxes and all apps on this machine. State is
kept in .millrace/ (or MILLRACE_HOME) and survives restarts. KAFKA_BROKERS, SCHEMA_REGISTRY_URL,
DATABASE_URL and MART_URL each replace a part by your own; PLYTIX_URL replaces the sandbox by a real
account.

Examples:
  $ npx millrace start
  $ npx millrace start --detach                comes back when all is ready
  $ npx millrace start --products 20 --seed 1  a small catalogue, for a new .millrace/
  $ KAFKA_BROKERS=kafka:9092 npx millrace start`;

const REDRAW_EVERY_MS = 200;

interface Options {
  detach?: true;
  products?: number;
  seed?: number;
}

/** Starts the hub: `startHub` of the local stack. */
export type StartHub = (options: HubOptions) => Promise<RunningHub>;

/** `millrace start`: the whole hub on this machine, until Ctrl-C. */
export function registerStart(program: Command, context: CliContext, startHub: StartHub): void {
  program
    .command('start')
    .description('start the whole hub on this machine')
    .option('--detach', 'go on in the background, with logs in .millrace/logs/hub.log')
    .option('--products <n>', 'styles in a new sandbox (0: an empty tenant)', wholeNumber(0, 1_000_000))
    .option('--seed <n>', 'seed of the catalogue in a new sandbox', wholeNumber(0, 2 ** 31 - 1))
    .addHelpText('after', EXAMPLES)
    .action(({ detach, ...seeding }: Options) => {
      if (detach) return startDetached(context, argumentsOf(seeding));
      return context.env[BACKGROUND] === '1'
        ? reporting(context, startHub, seeding)
        : run(context, startHub, seeding);
    });
}

function argumentsOf(seeding: Omit<Options, 'detach'>): string[] {
  return Object.entries(seeding).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

/** In the background: lines go to the log and to whoever waits; so does what went wrong. */
async function reporting(
  context: CliContext,
  startHub: StartHub,
  seeding: Omit<Options, 'detach'>,
): Promise<void> {
  const stdout: Output = {
    isTTY: false,
    columns: context.stdout.columns,
    write: (text) => {
      context.stdout.write(text);
      void sendReport({ kind: 'line', text: text.replace(/\n$/, '') });
    },
  };
  try {
    await run({ ...context, stdout }, startHub, seeding, () => sendReport({ kind: 'ready' }));
  } catch (error) {
    await sendReport({ kind: 'failed', message: messageOf(error), exitCode: exitCodeOf(error) ?? 1 });
    throw error;
  }
}

async function run(
  context: CliContext,
  startHub: StartHub,
  seeding: Omit<Options, 'detach'>,
  onReady: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { colours, env, now, signal, stdout, lifecycle } = context;
  lifecycle.outlivesItsReader = true;
  const home = homeOf(context);
  const screen = new Screen(stdout);
  const place = relative(context.cwd, home) || home;
  const title = `${colours.bold(`millrace ${VERSION}`)} · local stack in ${place}/ · Ctrl-C stops it\n`;
  const progress = new StartProgress(screen, colours, now, title);
  const begin = now();
  const onAbort = (): void => {
    progress.stopping();
    screen.line('\nStopping in order. Ctrl-C again stops at once.');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const redraw = setInterval(() => progress.refresh(), REDRAW_EVERY_MS);
  try {
    const hub = await startHub({ home, env, ...seeding, onProgress: progress.onProgress, signal });
    lifecycle.endAtOnce = () => hub.killNow();
    if (!signal.aborted) {
      progress.started();
      screen.line(`\n${whatToTry(hub.run, formatDuration(now() - begin), colours)}\n`);
      await onReady();
      await watchSnapshots({
        ...context,
        screen,
        status: () => new ControlApi(context, hub.run.control).status(),
      });
      await aborted(signal);
    }
    await hub.stop();
    progress.started();
    screen.line('Stopped.');
  } catch (error) {
    progress.started();
    if (exitCodeOf(error) === EXIT.interrupted) screen.line('Stopped.');
    throw error;
  } finally {
    clearInterval(redraw);
    signal.removeEventListener('abort', onAbort);
  }
}

function whatToTry(hub: RunningHub['run'], time: string, colours: CliContext['colours']): string {
  const ready = colours.bold(`Ready in ${time.replace(/\.\d s$/, ' s')}.`);
  const { plytix } = hub.sandboxes;
  return [
    ...(plytix ? [`${ready} Edit a product:  ${plytix.url}/`] : [ready]),
    'Then watch it arrive:           npx millrace tail catalog.product',
    'Where things stand:             npx millrace status',
    'All commands:                   npx millrace --help',
  ].join('\n');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
