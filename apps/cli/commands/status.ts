import type { Command } from 'commander';
import { print, printJson } from '../context';
import type { CliContext } from '../context';
import { ControlApi, controlAddress } from '../hub/control-api';
import { renderStatus } from './status-screen';

const EXAMPLES = `
Examples:
  $ npx millrace status
  $ npx millrace status --json | jq '.groups[] | {group, topic, lag}'
  $ MILLRACE_CONTROL_URL=https://hub:8080 MILLRACE_CONTROL_TOKEN=… npx millrace status`;

/** `millrace status`: where things stand. */
export function registerStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('show parts, connectors, records, lag and exceptions')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: true }) => {
      const status = await new ControlApi(context, controlAddress(context)).status();
      if (json) printJson(context.stdout, status);
      else print(context.stdout, renderStatus(status, context.now(), context.colours));
    });
}
