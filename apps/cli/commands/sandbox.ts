import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import { UserError } from '../errors';
import { appMain } from '../hub/paths';

const EXAMPLES = `
Options after the vendor's name are the sandbox's own: npx millrace sandbox plytix --help

Examples:
  $ npx millrace sandbox plytix --port 9010
  $ npx millrace sandbox plytix --port 9010 --products 0 --data ./plytix-data`;

/** `millrace sandbox`: a simulator of a vendor's API, alone. Ends with the simulator's exit code. */
export function registerSandbox(program: Command, context: CliContext): void {
  program
    .command('sandbox')
    .description("run a simulator of a vendor's API alone")
    .addArgument(new Argument('<vendor>', 'whose API').choices(['plytix']))
    .argument('[options...]', "the sandbox's own options")
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async (vendor: string, options: string[]) => {
      const main = appMain('sandbox');
      if (!existsSync(main)) throw new UserError('The sandbox is not built. Run npm run build first.');
      const code = await runUntilEnd(context, [main, vendor, ...options]);
      if (code !== 0) process.exitCode = code;
    });
}

/** Runs node with our own terminal; passes on the wish to end. Resolves to the exit code. */
function runUntilEnd(context: CliContext, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: context.env, cwd: context.cwd });
  context.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? (context.signal.aborted ? 0 : 128 + (signal ? constants.signals[signal] : 0)));
    });
  });
}
