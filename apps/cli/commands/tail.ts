import { Option } from 'commander';
import type { Command } from 'commander';
import { print } from '../context';
import type { CliContext } from '../context';
import { findTopic } from '../tail/find-topic';
import { recordToJson, renderRecord } from '../tail/render';
import { parseStartPoint } from '../tail/start-point';
import type { StartPoint, TopicReader } from '../tail/tail.types';
import { wholeNumber } from './options';

const EXAMPLES = `
The prefix may be left out. Reading leaves no trace: nothing is committed.
Ops: c created, u updated, d deleted, r read in a snapshot; ∅ is a tombstone.
+0.4 s is the time from the change in its source to the event.

Examples:
  $ npx millrace tail millrace.catalog.product            what changes from now on
  $ npx millrace tail catalog.product --from beginning --no-follow
  $ npx millrace tail plytix.variant --from 2026-11-01T08:30 --limit 20 --full
  $ npx millrace tail catalog.product --json | jq -c '{op: .event.op, key}'`;

interface Options {
  from: StartPoint;
  limit?: number;
  follow: boolean;
  full?: true;
  json?: true;
}

/** Opens a reader; may reject with a sentence for people. */
export type OpenReader = (context: CliContext) => Promise<TopicReader>;

/** `millrace tail`: what changes, as it changes. */
export function registerTail(program: Command, context: CliContext, open: OpenReader): void {
  program
    .command('tail')
    .description('show the records of a topic, decoded, with what changed')
    .argument('<topic>', 'such as millrace.catalog.product')
    .addOption(
      new Option('--from <place>', 'beginning, now, an offset, or a time (local, or with its zone)')
        .argParser(parseStartPoint)
        .default({ at: 'now' } satisfies StartPoint, 'now'),
    )
    .option('--limit <n>', 'end after so many records', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--no-follow', 'end at what is the end of the topic now')
    .option('--full', 'all attributes of new and deleted records')
    .option('--json', 'one JSON object for each record, on one line')
    .addHelpText('after', EXAMPLES)
    .action((topic: string, options: Options) => tail(context, open, topic, options));
}

async function tail(context: CliContext, open: OpenReader, name: string, options: Options): Promise<void> {
  const { from, limit = Infinity, follow, full = false, json } = options;
  const { colours, signal, stdout } = context;
  const reader = await open(context);
  try {
    const topic = findTopic(name, await reader.topics());
    let shown = 0;
    await reader.read({ topic, from, follow, signal }, (record) => {
      print(stdout, json ? recordToJson(record) : renderRecord(record, { full, colours }));
      shown += 1;
      return shown < limit;
    });
  } finally {
    await reader.close();
  }
}
