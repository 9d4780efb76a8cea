/**
 * Kafka, registry and PostgreSQL for tests.
 *
 * `global-setup.ts` starts one stack for a whole `jest` run; suites in any worker reach it by `sharedStack()` and keep
 * apart by `testNamespace()`. A suite that kills a part uses `ownStack()`.
 *
 * To keep one stack up between runs: set MILLRACE_TEST_STACK to its addresses (`{"brokers":[…],"registryUrl":…,
 * "postgresUrl":…}`), as `node dist/test/support/keep-stack.js` prints them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { z } from 'zod';
import { HomePaths, LocalStack, lockHolder, packageRoot, Supervisor } from '../../libs/stack';
import type { StackPart } from '../../libs/stack';

const VARIABLE = 'MILLRACE_TEST_STACK';

const SharedStack = z.object({
  brokers: z.array(z.string()).min(1),
  registryUrl: z.string(),
  postgresUrl: z.string(),
});
/** Addresses of the stack of this run; `postgresUrl` is that of a superuser, who may create databases. */
export type SharedStack = z.infer<typeof SharedStack>;

export interface TestNamespace {
  /** Random; begins every topic, group and transactional id of this namespace. */
  topicPrefix: string;
  brokers: string[];
  registryUrl: string;
  /** A database of its own, empty. */
  databaseUrl: string;
  /** Another one, empty. */
  martUrl: string;
  /** Topics, subjects and databases of this namespace disappear; connections to the databases are cut. */
  dropAll(): Promise<void>;
}

/** The stack of this `jest` run. @throws when the run has no global setup */
export function sharedStack(): SharedStack {
  const text = process.env[VARIABLE];
  if (text) return SharedStack.parse(JSON.parse(text));
  throw new Error(
    `looking up the shared test stack: ${VARIABLE} is not set. Run jest with ` +
      `--globalSetup ./test/support/global-setup.ts --globalTeardown ./test/support/global-teardown.ts`,
  );
}

/** Room of its own on the shared stack: random topic prefix, two fresh databases. End it with `dropAll()`. */
export async function testNamespace(): Promise<TestNamespace> {
  const { brokers, registryUrl, postgresUrl } = sharedStack();
  const topicPrefix = `t${randomBytes(5).toString('hex')}`;
  const names = [`${topicPrefix}_hub`, `${topicPrefix}_mart`] as const;
  await withClient(postgresUrl, async (client) => {
    for (const name of names) await client.query(`create database ${name}`);
  });
  const dropAll = async (): Promise<void> => {
    await Promise.all([dropTopics(brokers, topicPrefix), dropSubjects(registryUrl, topicPrefix)]);
    await withClient(postgresUrl, async (client) => {
      for (const name of names) await client.query(`drop database if exists ${name} with (force)`);
    });
  };
  return {
    topicPrefix,
    brokers,
    registryUrl,
    databaseUrl: onDatabase(postgresUrl, names[0]),
    martUrl: onDatabase(postgresUrl, names[1]),
    dropAll,
  };
}

/** A stack of the suite's own, for tests that kill its parts. */
export interface OwnStack {
  stack: LocalStack;
  home: string;
  /** Sends SIGKILL (or another signal) to a part; resolves when it has answered again after its restart. */
  killAndAwait(part: StackPart, signal?: NodeJS.Signals): Promise<void>;
  /** Stops all parts and deletes their data. */
  stop(): Promise<void>;
}

/** Starts a stack of its own in a temporary home directory. */
export async function ownStack(only?: readonly StackPart[]): Promise<OwnStack> {
  const home = newTestHome();
  const stack = await LocalStack.start({
    home,
    env: isolatedEnvironment(),
    // Safe against kill -9, which is what tests do, and not against a power cut.
    postgresSettings: { fsync: 'off' },
    ...(only && { only }),
  });
  // Jest ends its processes at once on Ctrl-C; the parts run in sessions of their own and would stay.
  const onExit = (): void => stack.killNow();
  process.once('exit', onExit);
  return {
    stack,
    home,
    killAndAwait: (part, signal = 'SIGKILL') => killAndAwait(stack, part, signal),
    stop: async () => {
      process.off('exit', onExit);
      await stack.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function killAndAwait(stack: LocalStack, part: StackPart, signal: NodeJS.Signals): Promise<void> {
  const supervised = stack.supervisor.get(part);
  if (!supervised) throw new Error(`killing ${part}: this stack does not run it`);
  const noticed = supervised.until('backoff');
  supervised.kill(signal);
  await noticed;
  await supervised.until('running');
}

/** This process's environment without what would lead tests to servers that are not theirs. */
export function isolatedEnvironment(): NodeJS.ProcessEnv {
  const foreign =
    /^(KAFKA_|SCHEMA_REGISTRY_|DATABASE_URL$|MART_URL$|PLYTIX_|FILE_|SANDBOX_|MILLRACE_(?!CACHE$))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Starts the shared stack unless one was given, and tells workers where it is. @returns what stops it */
export async function startSharedStack(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[VARIABLE]) return undefined;
  await removeAbandonedHomes();
  const { stack, stop } = await ownStack();
  const { brokers, registryUrl, databaseUrl } = stack.addresses;
  const shared: SharedStack = { brokers, registryUrl, postgresUrl: onDatabase(databaseUrl, 'postgres') };
  process.env[VARIABLE] = JSON.stringify(shared);
  return async () => {
    delete process.env[VARIABLE];
    await stop();
  };
}

function testHomes(): string {
  return join(packageRoot(), '.millrace');
}

/** A directory for a stack or a supervisor of a test; what a killed run leaves in one, the next run ends. */
export function newTestHome(): string {
  const home = join(testHomes(), `test-${process.pid}-${randomBytes(3).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  return home;
}

/** A run that was killed leaves processes and data behind; the next one ends and deletes them. */
async function removeAbandonedHomes(): Promise<void> {
  if (!existsSync(testHomes())) return;
  for (const name of readdirSync(testHomes()).filter((entry) => /^test-\d+-/.test(entry))) {
    const paths = new HomePaths(join(testHomes(), name));
    // A home without a lock yet belongs to a start that is going on, as long as its process lives.
    if (lockHolder(paths.lockFile()) !== undefined || lives(Number(name.split('-')[1]))) continue;
    await Supervisor.endOrphans(paths);
    rmSync(paths.home, { recursive: true, force: true });
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function onDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.toString();
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function dropTopics(brokers: string[], prefix: string): Promise<void> {
  const admin = new Kafka({ brokers, clientId: 'millrace-test', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

async function dropSubjects(registryUrl: string, prefix: string): Promise<void> {
  const subjects = (await (await fetch(`${registryUrl}/subjects`)).json()) as string[];
  for (const subject of subjects.filter((name) => name.startsWith(`${prefix}.`))) {
    await fetch(`${registryUrl}/subjects/${encodeURIComponent(subject)}`, { method: 'DELETE' });
  }
}
