import type { Command } from 'commander';
import { print, printJson } from '../context';
import type { CliContext } from '../context';
import { exportLines } from '../format/shell';
import { requireRunFile } from '../hub/run-file';
import type { RunFile } from '../hub/run-file';

const EXAMPLES = `
Examples:
  $ eval "$(npx millrace env)"              take the addresses into this shell
  $ psql "$MART_URL" -c 'select * from product limit 5'
  $ npx millrace env --json                 the same for a program, as in run.json`;

/** `millrace env`: where everything is. */
export function registerEnv(program: Command, context: CliContext): void {
  program
    .command('env')
    .description('print addresses and credentials of the running hub as shell exports')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ json }: { json?: true }) => {
      const run = requireRunFile(context);
      if (json) printJson(context.stdout, run);
      else print(context.stdout, exportLines(variablesOf(run)));
    });
}

/** The environment variables under which the apps know what `run.json` tells. */
export function variablesOf(run: RunFile): Record<string, string | undefined> {
  const { plytix } = run.sandboxes;
  return {
    KAFKA_BROKERS: run.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: run.registry.url,
    DATABASE_URL: run.postgres.url,
    MART_URL: run.mart.url,
    MILLRACE_CONTROL_URL: run.control.url,
    MILLRACE_CONTROL_TOKEN: run.control.token,
    PLYTIX_URL: plytix?.url,
    PLYTIX_AUTH_URL: plytix?.authUrl,
    PLYTIX_ADMIN_URL: plytix?.adminUrl,
    PLYTIX_API_KEY: plytix?.apiKey,
    PLYTIX_API_PASSWORD: plytix?.apiPassword,
  };
}
