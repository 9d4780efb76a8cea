import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command';
import { explainFileError, messageOf, StackError } from './stack-error';

const OLDEST_JAVA = 17;
const LEAST_FREE_BYTES = 1024 ** 3;

/** The Java to use: that of `JAVA_HOME`, else the one on the path. */
export function javaCommand(env: NodeJS.ProcessEnv): string {
  return env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
}

/** Checks that Java is there and new enough for Kafka 4 and the registry. @throws StackError with the remedy */
export async function checkJava(env: NodeJS.ProcessEnv): Promise<void> {
  const { code, output } = await runCommand(javaCommand(env), ['-version'], { env });
  const found = code === 0 ? javaMajor(output) : undefined;
  if (found !== undefined && found >= OLDEST_JAVA) return;
  const seen =
    found === undefined
      ? ''
      : ` This machine has Java ${found}${env['JAVA_HOME'] ? ` (JAVA_HOME is ${env['JAVA_HOME']})` : ''}.`;
  throw new StackError(
    `Java ${OLDEST_JAVA} or newer is needed to run Kafka and the registry.${seen} ` +
      `On Debian or Ubuntu: apt-get install default-jre-headless. On macOS: brew install openjdk. ` +
      `Or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to your own.`,
  );
}

/** Major version from what `java -version` prints: 8 for `1.8.0_392`, 17 for `17.0.15`, 25 for `25`. */
export function javaMajor(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Makes the home directory and checks that it can be written and has room. @throws StackError with the remedy */
export function checkHome(home: string, leastFreeBytes: number = LEAST_FREE_BYTES): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    const explained = explainFileError(error, home);
    if (explained instanceof StackError) throw explained;
    // A file in its place (ENOTDIR, EEXIST), or a read-only disk, which Node's recursive mkdir calls ENOENT.
    throw new StackError(
      `Millrace cannot make its directory ${home} (${messageOf(error)}). Set MILLRACE_HOME to one that it can make.`,
      1,
      { cause: error },
    );
  }
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize >= leastFreeBytes) return;
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  throw new StackError(
    `Only ${free} MB are free on the disk that holds ${home}; Kafka and PostgreSQL need at least 1 GB. ` +
      `Free some, or set MILLRACE_HOME to a directory on another disk.`,
  );
}
