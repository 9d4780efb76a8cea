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

/** Tells the pid of the process that runs the hub of a home directory, if there is one. */
export type HubPid = (home: string) => Promise<number | undefined>;

/** `millrace stop`: an ordered end of the hub that runs here. Nothing to stop is not an error. */
export function registerStop(program: Command, context: CliContext, hubPid: HubPid): void {
  program
    .command('stop')
    .description('stop the hub that runs here, in order')
    .option('--timeout <seconds>', 'give up waiting after this time', wholeNumber(1, 3_600), 60)
    .addHelpText('after', EXAMPLES)
    .action(async ({ timeout }: { timeout: number }) => {
      const pid = await hubPid(homeOf(context));
      if (pid === undefined) return print(context.stdout, 'Millrace is not running here.');
      const begin = context.now();
      terminate(pid);
      while ((await hubPid(homeOf(context))) === pid) {
        context.signal.throwIfAborted();
        if (context.now() - begin > timeout * 1_000) {
          throw new UserError(
            `Millrace (pid ${pid}) has not stopped within ${timeout} s. Its log: ${join(homeOf(context), 'logs', 'hub.log')}`,
          );
        }
        await delay(LOOK_EVERY_MS);
      }
      print(context.stdout, `Millrace has stopped (${formatDuration(context.now() - begin)}).`);
    });
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
