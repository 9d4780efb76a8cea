import { rmSync } from 'node:fs';
import { writeJsonAtomic } from './files';
import type { HomePaths } from './paths';

/** A sandbox of a vendor's API, and the credentials that it accepts. */
export interface SandboxAddress {
  url: string;
  authUrl: string;
  adminUrl: string;
  apiKey: string;
  apiPassword: string;
}

/** What `.millrace/run.json` says while a hub runs: where everything is. Tools, tests and `millrace env` read it. */
export interface RunFile {
  kafka: { brokers: string[] };
  registry: { url: string };
  postgres: { url: string };
  mart: { url: string };
  control: { url: string; token: string };
  sandboxes: { plytix?: SandboxAddress };
  /** By part, and `hub` for the supervisor itself. */
  pids: Record<string, number>;
}

/** Written in one step with mode 0600, for it holds credentials. */
export function writeRunFile(paths: HomePaths, run: RunFile): void {
  writeJsonAtomic(paths.runFile(), run);
}

/** The hub is not running (any more). */
export function removeRunFile(paths: HomePaths): void {
  rmSync(paths.runFile(), { force: true });
}
