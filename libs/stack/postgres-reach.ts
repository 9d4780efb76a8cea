import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries, PostgresUser } from './postgres-binaries';
import { runCommand } from './run-command';

/** Binaries that PostgreSQL's user can run, and how a command of theirs is started. */
export interface PostgresReach {
  binaries: PostgresBinaries;
  /** Spawn options for a plain start under the user; empty where `prefix` changes it. */
  identity: Partial<PostgresUser>;
  /** Command and arguments that come before the program; empty for a plain start. */
  prefix: readonly string[];
}

/** Only root writes here, so that nobody else can put a program in the place of ours. */
const SHARED_DIRECTORY = '/var/lib/millrace';

/**
 * As root, PostgreSQL runs under another user, who may not be allowed to enter the directory of the checkout: a
 * private temporary directory, or one below /root. Then the binaries are copied to where that user can run them,
 * and the user gets the one capability that it takes to pass through the closed directories (`setpriv`, of
 * util-linux). No permission of a directory is changed. Where that is not to be had, the start tells why it failed.
 */
export async function reachPostgres(
  binaries: PostgresBinaries,
  user: PostgresUser | undefined,
  home: string,
): Promise<PostgresReach> {
  const plain = { binaries, identity: user ?? {}, prefix: [] };
  if (user === undefined || (await reaches(user, home, binaries.postgres))) return plain;
  if ((await runCommand('setpriv', ['--version'])).code !== 0) return plain;
  const copied = copyBinaries(binaries);
  // Not dac_read_search as well: containers do not have it by default, and setpriv would refuse to start.
  const capability = '+dac_override';
  const prefix = [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
  ];
  return { binaries: copied, identity: {}, prefix };
}

async function reaches(user: PostgresUser, ...paths: readonly string[]): Promise<boolean> {
  const tests = await Promise.all(
    paths.map((path) => runCommand('test', ['-x', path], { ...user, cwd: '/' })),
  );
  return tests.every(({ code }) => code === 0);
}

/** One copy for each version, made beside its place and moved there: a half-made one is never used. */
function copyBinaries(binaries: PostgresBinaries): PostgresBinaries {
  const native = dirname(dirname(binaries.postgres));
  const place = join(SHARED_DIRECTORY, `postgresql-${binaries.version}`);
  if (!existsSync(place)) {
    mkdirSync(SHARED_DIRECTORY, { recursive: true, mode: 0o755 });
    const fresh = mkdtempSync(`${place}.`);
    cpSync(native, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(join(fresh, 'native'), place);
    } catch (error) {
      // Another start was faster.
      if (!existsSync(place)) throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const copyOf = (path: string): string => join(place, 'bin', basename(path));
  return { ...binaries, initdb: copyOf(binaries.initdb), postgres: copyOf(binaries.postgres) };
}
