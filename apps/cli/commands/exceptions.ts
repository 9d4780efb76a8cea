import { Option } from 'commander';
import type { Command } from 'commander';
import { WIDTH, print, printJson } from '../context';
import type { CliContext, Colours } from '../context';
import { escapeForTerminal } from '../format/escape';
import { formatCount, formatNumber } from '../format/number';
import { formatAge } from '../format/time';
import { wrap } from '../format/wrap';
import { ControlApi, controlAddress } from '../hub/control-api';
import type { ExceptionStatus } from '../hub/status.schema';
import { wholeNumber } from './options';

const EXAMPLES = `
Examples:
  $ npx millrace exceptions
  $ npx millrace exceptions --class duplicate_key --system plytix
  $ npx millrace exceptions --state all --limit 1000 --json`;

interface Options {
  state: string;
  class?: string;
  system?: string;
  limit: number;
  json?: true;
}

/** `millrace exceptions`: what could not be done, newest first. */
export function registerExceptions(program: Command, context: CliContext): void {
  program
    .command('exceptions')
    .description('list what did not arrive, and why')
    .addOption(
      new Option('--state <state>', 'which ones').choices(['open', 'resolved', 'all']).default('open'),
    )
    .option('--class <class>', 'of this class only, such as duplicate_key')
    .option('--system <system>', 'of this system only')
    .option('--limit <n>', 'at most so many (1 to 1000)', wholeNumber(1, 1_000), 100)
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, ...query }: Options) => {
      const exceptions = await new ControlApi(context, controlAddress(context)).exceptions(query);
      if (json) return printJson(context.stdout, exceptions);
      if (exceptions.length === 0)
        return print(context.stdout, `No ${query.state === 'all' ? '' : `${query.state} `}exceptions.`);
      for (const exception of exceptions)
        print(context.stdout, renderException(exception, context.now(), context.colours));
      if (exceptions.length === query.limit) {
        print(
          context.stdout,
          `These are the newest ${formatCount(query.limit, 'exception')}; --limit shows more.`,
        );
      }
    });
}

/** Two lines or more: what is concerned and since when; then the reason. */
export function renderException(exception: ExceptionStatus, nowMs: number, colours: Colours): string {
  const { system, entity, recordKey, attribute, target, occurrences } = exception;
  const subject = [system, entity, recordKey, attribute].filter((word) => word !== null).join(' ');
  const head = [
    formatAge(Date.parse(exception.lastAt), nowMs),
    exception.class,
    subject,
    target === null ? '' : `→ ${target}`,
    occurrences > 1 ? `×${formatNumber(occurrences)}` : '',
    exception.state === 'open' ? '' : `[${exception.state}]`,
  ];
  const colour = exception.severity === 'error' ? colours.red : colours.yellow;
  const line = escapeForTerminal(head.filter((word) => word !== '').join('  '));
  const reason = wrap(escapeForTerminal(exception.message), WIDTH - 4).map((text) => `    ${text}`);
  return [colour(line), ...reason].join('\n');
}
