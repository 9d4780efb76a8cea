import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { HomePaths } from './paths';
import type { PostgresUser } from './postgres-binaries';
import type { PostgresReach } from './postgres-reach';
import { processIdentity } from './process-identity';
import { probePostgres, withPostgres } from './probes';
import { runCommand } from './run-command';
import { errorCode, StackError } from './stack-error';
import type { ProcessSpec } from './supervised-process';

/** Databases of the local server: the hub's state, the mart that the PostgreSQL sink fills, the registry's schemas. */
export const DATABASES = { hub: 'millrace', mart: 'millrace_mart', registry: 'millrace_registry' } as const;
export type Database = keyof typeof DATABASES;

const USER = 'millrace';

/** What the server is configured with wherever it runs; `docker-compose.yml` has the same. */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  // The PostgreSQL source reads changes by logical replication.
  wal_level: 'logical',
  max_connections: '200',
};

/** The built-in locale provider sorts alike on every machine; the C library's would not. Also in `docker-compose.yml`. */
export const INITDB_LOCALE: readonly string[] = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

export interface PostgresOptions {
  paths: HomePaths;
  reach: PostgresReach;
  user: PostgresUser | undefined;
  password: string;
  port: number;
  env: NodeJS.ProcessEnv;
  settings?: Readonly<Record<string, string>>;
}

/** Address of one database of the local server, with its credentials. */
export function localDatabaseUrl(
  options: Pick<PostgresOptions, 'port' | 'password'>,
  database: string,
): string {
  return `postgres://${USER}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/${database}`;
}

/** How the local PostgreSQL runs under supervision: it listens on 127.0.0.1 only and has no Unix socket. */
export function postgresProcess(options: PostgresOptions): ProcessSpec {
  const { paths, reach, port, env } = options;
  const [command, ...prefix] = [...reach.prefix, reach.binaries.postgres];
  const data = join(paths.part('postgres'), 'data');
  const settings = {
    ...POSTGRES_SETTINGS,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_line_prefix: '%m [%p] %d ',
    ...options.settings,
  };
  return {
    name: 'postgres',
    command: command!,
    args: [
      ...prefix,
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: postgresEnvironment(env),
    cwd: paths.part('postgres'),
    ...reach.identity,
    logFile: paths.log('postgres'),
    // "Fast" shutdown: SIGTERM would wait until every client has left.
    stopSignal: 'SIGINT',
    prepare: async () => {
      await initialise(options, data);
      removeStalePid(data);
    },
    probe: () => probePostgres(localDatabaseUrl(options, 'postgres')),
  };
}

/** Makes the databases that are missing. */
export async function createDatabases(
  options: Pick<PostgresOptions, 'port' | 'password'>,
  names: readonly string[],
): Promise<void> {
  await withPostgres(localDatabaseUrl(options, 'postgres'), async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    for (const name of names) {
      if (!existing.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
  });
}

/** Creates the cluster beside its final place and moves it there: an interrupted initdb never looks complete. */
async function initialise(options: PostgresOptions, data: string): Promise<void> {
  if (existsSync(data)) return;
  const { paths, reach, user, password, env } = options;
  const [command, ...prefix] = [...reach.prefix, reach.binaries.initdb];
  const parent = paths.part('postgres');
  const fresh = join(parent, 'data.new');
  const passwordFile = join(parent, 'password.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  // The parents are passed through only; the data directory itself stays closed to others.
  if (user)
    [paths.home, parent].forEach((directory) => chmodSync(directory, statSync(directory).mode | 0o011));
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) [fresh, passwordFile].forEach((path) => chownSync(path, user.uid, user.gid));
  try {
    const { code, output } = await runCommand(
      command!,
      [...prefix, ...initdbArguments(fresh, passwordFile)],
      {
        ...reach.identity,
        cwd: parent,
        env: postgresEnvironment(env),
      },
    );
    if (code !== 0) throw explainInitdb(code, output, paths.home, user !== undefined);
    renameSync(fresh, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function initdbArguments(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    ...INITDB_LOCALE,
  ];
}

function explainInitdb(code: number | undefined, output: string, home: string, asRoot: boolean): StackError {
  if (/No space left on device/i.test(output)) {
    return new StackError(
      `No space is left on the disk that holds ${home}. Free at least 1 GB and start again.`,
    );
  }
  if (asRoot && (code === undefined || /permission denied/i.test(output))) {
    return new StackError(
      `PostgreSQL does not run as root, and its user "postgres" cannot reach ${home} or the installed packages. ` +
        `Move the checkout to a directory that others may enter (not below /root), or start Millrace as another user.`,
    );
  }
  return new StackError(
    `Preparing PostgreSQL's data directory in ${home}: ${output.trim().split('\n').at(-1) ?? 'no output'}`,
  );
}

/**
 * After kill -9 the server's lock file stays, and the server refuses to start when some other process of its user
 * has got that pid since. Only then the lock is removed: one whose process is gone PostgreSQL judges better itself,
 * for it also looks whether children of the old server still use its shared memory.
 */
function removeStalePid(data: string): void {
  const lock = join(data, 'postmaster.pid');
  let pid: number;
  try {
    pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (processIdentity(pid) !== undefined && !runsOn(pid, data)) rmSync(lock, { force: true });
}

function runsOn(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    // No /proc here: leave the decision to PostgreSQL.
    return true;
  }
}

/** PG* variables that the user set for other servers must not reach ours. */
function postgresEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^PG[A-Z]+$/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}
