import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { print } from '../context';
import type { CliContext } from '../context';
import { UserError } from '../errors';
import { formatDuration } from '../format/time';
import { homeOf } from '../hub/run-file';
import { wholeNumber } from './options';

const EXAMPLES = `
Stops in order: apps, sandboxes, registry, Kafka, PostgreSQL. What is in .millrace/ stays.

Examples:
  $ npx millrace stop
  $ MILLRACE_HOME=/var/lib/millrace npx millrace stop --timeout 120`;

const LOOK_EVERY_MS = 100;

/** The process that runs the hub of a home directory. */
export interface HubProcess {
  /** Its pid; undefined when there is none. */
  pid(home: string): Promise<number | undefined>;
  /** Ends what a hub that was killed has left running; gives the names of those parts. */
  endOrphans(home: string): Promise<string[]>;
}

/** `millrace stop`: an ordered end of the hub that runs here. Nothing to stop is not an error. */
export function registerStop(program: Command, context: CliContext, hub: HubProcess): void {
  program
    .command('stop')
    .description('stop the hub that runs here, in order')
    .option('--timeout <seconds>', 'give up waiting after this time', wholeNumber(1, 3_600), 60)
    .addHelpText('after', EXAMPLES)
    .action(async ({ timeout }: { timeout: number }) => {
      const home = homeOf(context);
      const pid = await hub.pid(home);
      if (pid === undefined) return print(context.stdout, absent(await hub.endOrphans(home)));
      const begin = context.now();
      terminate(pid);
      while ((await hub.pid(home)) === pid) {
        context.signal.throwIfAborted();
        if (context.now() - begin > timeout * 1_000) {
          throw new UserError(
            `Millrace (pid ${pid}) has not stopped within ${timeout} s. Its log: ${join(home, 'logs', 'hub.log')}`,
          );
        }
        await delay(LOOK_EVERY_MS);
      }
      print(context.stdout, `Millrace has stopped (${formatDuration(context.now() - begin)}).`);
    });
}

function absent(orphans: readonly string[]): string {
  if (orphans.length === 0) return 'Millrace is not running here.';
  return `Millrace was not running here any more. What it had left running has ended: ${orphans.join(', ')}.`;
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM')
      throw new UserError(`Millrace (pid ${pid}) belongs to another user, who must stop it.`);
    if (code !== 'ESRCH') throw error;
  }
}
