/** Runs Python scripts that read our topics with Confluent's own client, installed once from the package index. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = 'confluent-kafka[avro]==2.12.1';
const ROOT = join(__dirname, '..', '..');
const MAX_OUTPUT = 256 * 1024 * 1024;

/** Runs a script of `test/e2e` and resolves with the JSON object of each line that it printed. */
export async function runPython<T>(script: string, ...args: string[]): Promise<T[]> {
  const { stdout } = await run('python3', [join(ROOT, 'test', 'e2e', script), ...args], {
    env: { ...process.env, PYTHONPATH: await packages() },
    maxBuffer: MAX_OUTPUT,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** The folder with Confluent's client; a half-finished installation never has this name. */
async function packages(): Promise<string> {
  const folder = join(ROOT, '.millrace', 'python', PACKAGE.replaceAll(/[^a-z0-9.]+/g, '-'));
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', unfinished, PACKAGE]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error('installing confluent-kafka: python3 with pip and the package index are needed', {
      cause: error,
    });
  }
  return folder;
}
