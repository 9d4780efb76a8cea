import type { Command } from 'commander';
import { print, printJson } from '../context';
import type { CliContext } from '../context';
import { escapeForTerminal } from '../format/escape';
import { formatNumber } from '../format/number';
import { formatTable } from '../format/table';
import { ControlApi, controlAddress } from '../hub/control-api';

const EXAMPLES = `
offsets is an upper bound of the records: compaction removes some, and transactions take
offsets of their own.

Examples:
  $ npx millrace topics
  $ npx millrace topics --json | jq -r '.[].name'`;

/** `millrace topics`: the topics of this hub. */
export function registerTopics(program: Command, context: CliContext): void {
  program
    .command('topics')
    .description('list the topics of this hub')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json?: true }) => {
      const topics = await new ControlApi(context, controlAddress(context)).topics();
      if (json) return printJson(context.stdout, topics);
      if (topics.length === 0) return print(context.stdout, 'There are no topics yet.');
      const columns = [
        { title: 'topic' },
        { title: 'partitions', align: 'right' as const },
        { title: 'offsets', align: 'right' as const },
      ];
      const rows = topics.map(({ name, partitions, offsets }) => [
        escapeForTerminal(name),
        formatNumber(partitions),
        formatNumber(offsets),
      ]);
      print(context.stdout, formatTable(columns, rows));
    });
}
