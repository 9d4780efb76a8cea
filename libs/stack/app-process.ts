import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HomePaths } from './paths';
import { probeHttp } from './probes';
import { StackError } from './stack-error';
import type { ProcessSpec } from './supervised-process';

export interface AppOptions {
  /** Name of the part; names the log, too. */
  name: string;
  /** Folder of the app below `directory`. */
  app: string;
  /** Where the built apps lie: `<directory>/<app>/main.js`. */
  directory: string;
  args?: readonly string[];
  env: NodeJS.ProcessEnv;
  paths: HomePaths;
  /** The app is ready when this answers with 200. */
  healthUrl: string;
}

/** How one of Millrace's own apps runs under supervision: a Node process that answers `/health` and obeys SIGTERM. */
export function appProcess({
  name,
  app,
  directory,
  args = [],
  env,
  paths,
  healthUrl,
}: AppOptions): ProcessSpec {
  const main = join(directory, app, 'main.js');
  if (!existsSync(main))
    throw new StackError(`The app ${app} is not built (${main} is missing). Run npm run build first.`);
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', main, ...args],
    env,
    // Relative paths in the user's variables mean the directory that the hub was started in.
    cwd: process.cwd(),
    logFile: paths.log(name),
    probe: () => probeHttp(healthUrl),
  };
}
