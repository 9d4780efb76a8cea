import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { print } from '../context';
import type { CliContext } from '../context';
import { EXIT, UserError } from '../errors';
import { homeOf } from '../hub/run-file';

/** Set for the process in the background: tells it to report to the one that started it. */
export const BACKGROUND = 'MILLRACE_BACKGROUND';

const report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), text: z.string() }),
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), message: z.string(), exitCode: z.number() }),
]);

/** What the process in the background tells the one that started it, until it is ready. */
export type Report = z.infer<typeof report>;

/** Sends a report, if somebody waits for it. Resolves when it is sent, so that an exit does not cut it off. */
export async function sendReport(message: Report): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send?.(message, () => resolve()));
}

/**
 * Runs `start` with these arguments in the background, logs to `.millrace/logs/hub.log`, shows its lines here,
 * and resolves when the hub is ready. An interrupted wait ends the start.
 */
export async function startDetached(context: CliContext, args: readonly string[]): Promise<void> {
  const log = openLog(join(homeOf(context), 'logs'));
  const [, script] = process.argv;
  const child = spawn(process.execPath, [script!, 'start', ...args], {
    cwd: context.cwd,
    env: { ...context.env, [BACKGROUND]: '1', NO_COLOR: '1' },
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
  });
  closeSync(log.descriptor);
  context.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  await untilReady(context, child, log.path);
  child.disconnect();
  child.unref();
}

function untilReady(context: CliContext, child: ChildProcess, logPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Comes after all messages, which `exit` does not.
    child.once('disconnect', () => {
      const interrupted = context.signal.aborted;
      const sentence = interrupted
        ? 'The start was interrupted.'
        : `The start ended too early. Its log: ${logPath}`;
      reject(new UserError(sentence, interrupted ? EXIT.interrupted : EXIT.failed));
    });
    child.on('message', (raw) => {
      const message = report.parse(raw);
      if (message.kind === 'line') print(context.stdout, message.text);
      else if (message.kind === 'ready') resolve();
      else reject(new UserError(message.message, message.exitCode));
    });
  });
}

function openLog(directory: string): { path: string; descriptor: number } {
  const path = join(directory, 'hub.log');
  try {
    mkdirSync(directory, { recursive: true });
    return { path, descriptor: openSync(path, 'a', 0o600) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${path} cannot be written (${code}). Make it writable, or set MILLRACE_HOME.`);
  }
}
