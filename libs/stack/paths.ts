import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where the repository (or the installed package) lies: the nearest directory above this file with a package.json. */
export function packageRoot(from: string = __dirname): string {
  let directory = from;
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`finding package.json above ${from}: there is none`);
    directory = parent;
  }
  return directory;
}

/** The home directory of a local hub: `MILLRACE_HOME`, else `.millrace` in the working directory. */
export function homeDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['MILLRACE_HOME'] || '.millrace');
}

/** Where resolved jars are kept, shared by all checkouts of a user: `MILLRACE_CACHE`, else the XDG cache directory. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['MILLRACE_CACHE']) return resolve(env['MILLRACE_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
}

/** Everything that a local hub keeps, by name. Nothing is written outside of it but the cache. */
export class HomePaths {
  readonly home: string;

  constructor(home: string) {
    this.home = resolve(home);
  }

  /** Addresses and credentials of the running hub; there only while it runs. */
  readonly runFile = (): string => join(this.home, 'run.json');
  /** State of each supervised process, for `millrace status`. */
  readonly supervisorFile = (): string => join(this.home, 'supervisor.json');
  readonly lockFile = (): string => join(this.home, 'lock.json');
  readonly pidsFile = (): string => join(this.home, 'pids.json');
  readonly portsFile = (): string => join(this.home, 'ports.json');
  readonly secretsFile = (): string => join(this.home, 'secrets.json');
  readonly logs = (): string => join(this.home, 'logs');
  readonly log = (part: string): string => join(this.logs(), `${part}.log`);
  /** Data and configuration of one part. */
  readonly part = (part: string): string => join(this.home, part);
  readonly fileSource = (): string => join(this.home, 'file-source.jsonl');
}
