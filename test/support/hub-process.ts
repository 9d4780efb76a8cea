/** The whole hub as a person starts it: `millrace start` in an empty directory of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { z } from 'zod';
import { isolatedEnvironment } from './stack';
import { waitFor } from './wait-for';

const ROOT = join(__dirname, '..', '..');
const LAUNCHER = join(ROOT, 'apps', 'cli', 'bin', 'millrace.js');

function newDirectory(): string {
  const directory = join(ROOT, '.millrace', `e2e-${randomBytes(4).toString('hex')}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** `.millrace/run.json`, as tools rely on it. */
export const RunFile = z.object({
  kafka: z.object({ brokers: z.array(z.string()).min(1) }),
  registry: z.object({ url: z.string() }),
  postgres: z.object({ url: z.string() }),
  mart: z.object({ url: z.string() }),
  control: z.object({ url: z.string(), token: z.string() }),
  sandboxes: z.object({
    plytix: z.object({
      url: z.string(),
      authUrl: z.string(),
      adminUrl: z.string(),
      apiKey: z.string(),
      apiPassword: z.string(),
    }),
  }),
  pids: z.record(z.string(), z.number()),
});
export type RunFile = z.infer<typeof RunFile>;

export class HubProcess {
  /** Inside the checkout: PostgreSQL's own user must be able to reach it, and a temporary directory is private. */
  readonly directory = newDirectory();
  private child: ChildProcess | null = null;
  private output = '';

  /** Everything that the hub has printed so far. */
  get printed(): string {
    return this.output;
  }

  get run(): RunFile {
    return RunFile.parse(JSON.parse(readFileSync(join(this.directory, '.millrace', 'run.json'), 'utf8')));
  }

  /** Starts the hub and waits until it says that it is ready. */
  async start(...args: string[]): Promise<void> {
    this.output = '';
    const child = spawn(process.execPath, [LAUNCHER, 'start', ...args], {
      cwd: this.directory,
      env: isolatedEnvironment(),
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => void (this.output += String(text)));
    await waitFor(
      'the hub to be ready',
      () => {
        return child.exitCode !== null || this.output.includes('Ready in');
      },
      { timeoutMs: 120_000 },
    );
    if (child.exitCode !== null) throw new Error(`starting the hub: it ended: ${this.output}`);
  }

  /** Ctrl-C, and waits for the ordered end. Resolves with the exit code. */
  async interrupt(): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    return ended;
  }

  /** Runs another command in the hub's directory; resolves with its output and exit code. */
  async command(...args: string[]): Promise<{ stdout: string; stderr: string; code: number | null }> {
    const child = spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: this.directory,
      env: isolatedEnvironment(),
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => void (stdout += String(text)));
    child.stderr.on('data', (text) => void (stderr += String(text)));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { stdout, stderr, code };
  }

  /** Rows of a database of the hub. */
  async query<Row extends QueryResultRow>(database: 'postgres' | 'mart', sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.run[database].url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops the hub and removes its directory. */
  async remove(): Promise<void> {
    await this.interrupt();
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true });
  }
}
