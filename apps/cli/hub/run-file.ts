import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CliContext } from '../context';
import { UserError } from '../errors';

const sandbox = z.looseObject({
  url: z.string(),
  authUrl: z.string(),
  adminUrl: z.string(),
  apiKey: z.string(),
  apiPassword: z.string(),
});

const runFile = z.looseObject({
  kafka: z.looseObject({ brokers: z.array(z.string()).min(1) }),
  registry: z.looseObject({ url: z.string() }),
  postgres: z.looseObject({ url: z.string() }),
  mart: z.looseObject({ url: z.string() }),
  control: z.looseObject({ url: z.string(), token: z.string() }),
  sandboxes: z.looseObject({ plytix: sandbox.optional() }).default({}),
  pids: z.record(z.string(), z.number()).default({}),
});

/** Where the parts of the running hub are: `run.json`, which the local stack writes when it is ready. */
export type RunFile = z.infer<typeof runFile>;

/** The hub's home directory: MILLRACE_HOME, else `.millrace` in the working directory. */
export function homeOf({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>): string {
  return resolve(cwd, env.MILLRACE_HOME || '.millrace');
}

/** Reads `run.json`; null when there is none. Throws a UserError when it cannot be understood. */
export function findRunFile(context: Pick<CliContext, 'env' | 'cwd'>): RunFile | null {
  const path = join(homeOf(context), 'run.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new UserError(`${path} cannot be read (${code}). It belongs to the user who started Millrace.`);
  }
  const parsed = runFile.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new UserError(`${path} is damaged. Stop and start Millrace to have it written again.`);
  }
  return parsed.data;
}

/** As `findRunFile`, but a hub that is not there is an error that says how to start it. */
export function requireRunFile(context: Pick<CliContext, 'env' | 'cwd'>): RunFile {
  const found = findRunFile(context);
  if (found === null) throw notRunning();
  return found;
}

export function notRunning(): UserError {
  return new UserError('Millrace is not running here. Start it with: npx millrace start');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
