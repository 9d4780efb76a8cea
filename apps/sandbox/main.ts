import { Command, InvalidArgumentError, Option } from 'commander';
import pino from 'pino';
import { serveHealth } from './health';
import { DEMO_CREDENTIALS, startPlytixSandbox } from './plytix';
import type { RatePlan } from './plytix/limiter';

interface PlytixArguments {
  port: number;
  host: string;
  data?: string;
  products: number;
  seed: number;
  rateLimits: RatePlan;
}

const logger = pino({ name: 'sandbox', level: process.env['MILLRACE_LOG_LEVEL'] ?? 'info' });

const EXAMPLES = `
Credentials: SANDBOX_PLYTIX_API_KEY and SANDBOX_PLYTIX_API_PASSWORD, by default the pair
  ${DEMO_CREDENTIALS.apiKey} / ${DEMO_CREDENTIALS.apiPassword}
Rate limits are off by default, because a plan's limits stretch a first snapshot to minutes:
  free is 20 calls in 10 s and 2,000 in an hour, pro is 50 and 5,000.
State that --data holds already is taken up as it is; --products and --seed then change nothing
  (POST /admin/reset does).

Examples:
  $ node dist/apps/sandbox/main.js plytix --port 4010
  $ node dist/apps/sandbox/main.js plytix --port 4010 --data .sandbox --products 20
  $ node dist/apps/sandbox/main.js plytix --port 4010 --products 0 --rate-limits pro
`;

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It has to be a whole number from ${low} to ${high}.`);
  };
}

function program(): Command {
  const root = new Command('sandbox').description('Simulators of vendor APIs.');
  root
    .command('plytix')
    .description(
      'Plytix PIM: token, API v1 and v2, admin routes below /admin, and a page to edit products at /',
    )
    .requiredOption('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'keep the state here; without it the state ends with the process')
    .option(
      '--products <number>',
      'styles to seed, with ten variants each on average',
      wholeNumber(0, 200_000),
      300,
    )
    .option('--seed <number>', 'number that the catalogue is made from', wholeNumber(0, 4_294_967_295), 7)
    .addOption(
      new Option('--rate-limits <plan>', 'limits of a plan').choices(['off', 'free', 'pro']).default('off'),
    )
    .addHelpText('after', EXAMPLES)
    .action(runPlytix);
  return root;
}

async function runPlytix(args: PlytixArguments): Promise<void> {
  const sandbox = await startPlytixSandbox({
    port: args.port,
    host: args.host,
    dataDir: args.data,
    products: args.products,
    seed: args.seed,
    rateLimits: args.rateLimits,
    apiKey: process.env['SANDBOX_PLYTIX_API_KEY'] || undefined,
    apiPassword: process.env['SANDBOX_PLYTIX_API_PASSWORD'] || undefined,
    onError: (error, request) => logger.error({ err: error, ...request }, 'answering a call failed'),
  });
  const healthPort = process.env['MILLRACE_HEALTH_PORT'];
  const health = healthPort ? await serveHealth(wholeNumber(0, 65_535)(healthPort)) : null;
  const { url, adminUrl, seeded } = sandbox;
  logger.info({ url, adminUrl, seeded }, 'plytix sandbox is listening');
  if (args.data !== undefined && (seeded.products !== args.products || seeded.seed !== args.seed)) {
    logger.warn({ seeded }, 'the data directory holds a catalogue seeded otherwise, which is kept');
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    health?.close();
    sandbox.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** One sentence for what a user can mend, all details for what is ours. */
function fail(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const remedies: Record<string, string> = {
    EADDRINUSE: 'starting the sandbox: the port is taken; choose another one with --port',
    EACCES:
      'starting the sandbox: no right to use this port or directory; choose others with --port and --data',
    EADDRNOTAVAIL:
      'starting the sandbox: this machine does not have the address; choose another one with --host',
    ENOSPC: 'writing the state of the sandbox: the disk is full; make room or choose another --data',
    ENOTDIR: 'opening the state of the sandbox: --data has to be a directory',
    EEXIST: 'opening the state of the sandbox: --data has to be a directory',
  };
  const remedy = remedies[code] ?? (error instanceof Error ? error.message : String(error));
  logger.fatal(code in remedies ? {} : { err: error }, remedy);
  process.exit(1);
}

program().parseAsync(process.argv).catch(fail);
