import { Command, CommanderError } from 'commander';
import { registerEnv } from './commands/env';
import { registerExceptions } from './commands/exceptions';
import { registerSandbox } from './commands/sandbox';
import { registerStart } from './commands/start';
import type { StartHub } from './commands/start';
import { registerStatus } from './commands/status';
import { registerStop } from './commands/stop';
import type { HubProcess } from './commands/stop';
import { registerTail } from './commands/tail';
import type { OpenReader } from './commands/tail';
import { registerTopics } from './commands/topics';
import { WIDTH, print } from './context';
import type { CliContext } from './context';
import { EXIT, exitCodeOf, messageOf } from './errors';
import { VERSION } from './version';

/** The heavy parts, which a command loads when it needs them. */
export interface Services {
  startHub: StartHub;
  hub: HubProcess;
  openReader: OpenReader;
}

const EXAMPLES = `
Examples:
  $ npx millrace start                       everything on this machine, until Ctrl-C
  $ npx millrace status                      where things stand
  $ npx millrace tail catalog.product        watch changes arrive
  $ eval "$(npx millrace env)"               addresses for psql, kcat and the like

npx millrace <command> --help tells more, with examples.`;

/** All commands. Nothing is done before `parseAsync`. */
export function buildProgram(context: CliContext, services: Services): Command {
  const program = new Command('millrace')
    .description('One record per product, one owner per attribute; every other system receives it.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ helpWidth: WIDTH })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Said once, by `run`, which knows the exit code.
      outputError: () => undefined,
      getOutHasColors: () => context.colours.isColorSupported,
      getErrHasColors: () => context.colours.isColorSupported,
    })
    .addHelpText('after', EXAMPLES);
  registerStart(program, context, services.startHub);
  registerStop(program, context, services.hub);
  registerStatus(program, context);
  registerTopics(program, context);
  registerTail(program, context, services.openReader);
  registerExceptions(program, context);
  registerEnv(program, context);
  registerSandbox(program, context);
  return program;
}

/**
 * Runs the command that the arguments ask for and resolves to the exit code: 0, 1 for what went wrong, 2 for
 * a wrong use, 130 when interrupted. A person's mistake is one sentence; only a defect shows its stack.
 */
export async function run(args: readonly string[], context: CliContext, services: Services): Promise<number> {
  try {
    const program = buildProgram(context, services);
    if (args.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return report(error, context);
  }
}

function report(error: unknown, { stderr, signal, colours }: CliContext): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    print(stderr, usageSentence(error.message));
    return EXIT.usage;
  }
  const exitCode = exitCodeOf(error);
  if (signal.aborted && (error === signal.reason || exitCode === EXIT.interrupted)) return EXIT.interrupted;
  if (exitCode !== null) {
    print(stderr, messageOf(error));
    return exitCode;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  print(stderr, `${colours.red('This is a defect in Millrace:')} ${details}`);
  return EXIT.failed;
}

/** Commander's `error: unknown option '--frm'\n(Did you mean --from?)` as one sentence. */
function usageSentence(message: string): string {
  const [first = '', ...rest] = message
    .replace(/^error: /, '')
    .split('\n')
    .map((text) => text.replace(/^\((.*)\)$/, '$1').trim());
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  const ended = /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
  return [ended, ...rest, 'npx millrace --help shows what there is.'].join(' ');
}
