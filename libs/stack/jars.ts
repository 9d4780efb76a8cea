import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, packageRoot } from './paths';
import { runCommand } from './run-command';
import { errorCode, explainFileError, StackError } from './stack-error';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Where the resolved jars lie. */
export interface Jars {
  /** All jars of the broker in one directory. */
  kafka: string;
  /** The unpacked registry; its runner jar expects `lib/` beside it. */
  registry: string;
}

/** The file that pins what runs on the JVM. */
export function pomFile(): string {
  return join(packageRoot(), 'libs', 'stack', 'maven', 'pom.xml');
}

/**
 * The jars of Kafka and the registry: from the cache, or by Maven on the first start. The cache entry is named by
 * the content of the pom and appears in one step, so an interrupted download never looks complete.
 *
 * @param onDownload called once when something has to be fetched
 * @throws StackError without Maven, without network, or on a full disk
 */
export async function resolveJars(
  env: NodeJS.ProcessEnv,
  onDownload: () => void = () => undefined,
): Promise<Jars> {
  const cache = cacheDirectory(env);
  const entry = join(cache, createHash('sha256').update(readFileSync(pomFile())).digest('hex').slice(0, 16));
  if (!existsSync(entry)) {
    onDownload();
    await download(cache, entry, env);
  }
  return { kafka: join(entry, 'kafka'), registry: join(entry, 'registry') };
}

async function download(cache: string, entry: string, env: NodeJS.ProcessEnv): Promise<void> {
  let target: string | undefined;
  try {
    mkdirSync(cache, { recursive: true });
    removeAbandoned(cache);
    target = mkdtempSync(join(cache, 'download-'));
    await runMaven(target, env);
    renameSync(target, entry);
  } catch (error) {
    if (target) rmSync(target, { recursive: true, force: true });
    // Another start was faster; its entry is as good as ours.
    if ((errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') && existsSync(entry)) return;
    throw explainFileError(error, cache, 'MILLRACE_CACHE');
  }
}

async function runMaven(target: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['-B', '-q', '-f', pomFile(), `-Dmillrace.target=${target}`, 'generate-resources'];
  const { code, output } = await runCommand('mvn', args, { env });
  if (code !== 0) throw explainMaven(code, output);
  if (!existsSync(join(target, 'kafka')) || !existsSync(join(target, 'registry', 'lib'))) {
    throw new StackError(
      `Maven ended without an error, but Kafka or the registry is missing. Run mvn -f ${pomFile()} generate-resources to see why.`,
    );
  }
}

/** One sentence for why Maven did not bring the jars. `code` undefined: there is no Maven. */
export function explainMaven(code: number | undefined, output: string): StackError {
  const own = `Or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to your own.`;
  if (code === undefined) {
    return new StackError(
      `Maven is needed once, to fetch Kafka and the registry. On Debian or Ubuntu: apt-get install maven. On macOS: brew install maven. ${own}`,
    );
  }
  if (/No space left on device/i.test(output)) {
    return new StackError(
      `No space is left on the disk while fetching Kafka and the registry. Free at least 1 GB and start again.`,
    );
  }
  const offline =
    /Unknown host|UnknownHost|Temporary failure in name resolution|Connection refused|connect(ion)? timed out|Network is unreachable|No route to host|Connection reset|offline mode/i;
  if (offline.test(output)) {
    return new StackError(
      `Maven cannot reach its repository, from which Kafka and the registry are fetched on the first start. ` +
        `Connect to the network, or name your proxy or mirror in ~/.m2/settings.xml, and start again. ${own}`,
    );
  }
  const line = /\[ERROR\]\s*(.+)/.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? 'no output';
  return new StackError(`Maven could not fetch Kafka and the registry: ${line.trim().slice(0, 300)} ${own}`);
}

/** Downloads that were killed leave a directory behind; one that is a day old belongs to nobody any more. */
function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (name.startsWith('download-') && Date.now() - statSync(path).mtimeMs > DAY_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
