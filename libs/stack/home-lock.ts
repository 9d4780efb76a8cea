import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isAlive, processIdentity } from './process-identity';
import { errorCode, explainFileError, StackError } from './stack-error';

const Holder = z.object({ pid: z.number().int(), identity: z.string(), token: z.string() });
type Holder = z.infer<typeof Holder>;

/**
 * One running hub for each home directory. The lock is a file that names its holder by pid and start time, so
 * that one left behind by `kill -9` or a power cut is seen to be stale, whatever has the pid by now.
 */
export class HomeLock {
  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  /** @throws StackError when another living process holds it. */
  static acquire(path: string): HomeLock {
    const identity = processIdentity(process.pid) ?? 'unknown';
    const token = randomBytes(8).toString('hex');
    const text = JSON.stringify({ pid: process.pid, identity, token } satisfies Holder);
    for (let attempt = 0; attempt < 5; attempt++) {
      if (createExclusively(path, text)) return new HomeLock(path, text);
      const found = readText(path);
      if (found === undefined) continue;
      const holder = decode(found);
      if (holder && isAlive(holder.pid, holder.identity)) throw alreadyRunning(holder.pid);
      removeStale(path, found);
    }
    throw new StackError(
      `Several processes are starting Millrace in the same place at once (${path}). Start it once.`,
    );
  }

  /** Gives the lock back; does nothing if it is no longer ours. Safe to call twice. */
  release(): void {
    if (readText(this.path) === this.text) rmSync(this.path, { force: true });
  }
}

/** Who holds the lock at `path` now, if a living process does. */
export function lockHolder(path: string): number | undefined {
  const text = readText(path);
  const holder = text === undefined ? undefined : decode(text);
  return holder && isAlive(holder.pid, holder.identity) ? holder.pid : undefined;
}

function alreadyRunning(pid: number): StackError {
  return new StackError(
    `Millrace is already running here (pid ${pid}). npx millrace status shows it; npx millrace stop ends it.`,
  );
}

/** A hard link from a complete file: the lock never exists without its content. */
function createExclusively(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw explainFileError(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Moves the stale lock aside before it is deleted: of two processes that found it stale only one moves it. Whoever
 * moved a fresh lock instead (the other one was faster) puts it back.
 */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (readText(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EEXIST') throw explainFileError(error, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, path);
  }
}

function decode(text: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
