import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Directory of Millrace itself: the nearest one above this file with a package.json. */
export function installation(): string {
  let directory = __dirname;
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

/** Where Avro schemas and rules are: MILLRACE_SCHEMAS_DIR, else those of the installation. */
export function schemasDirectory(env: NodeJS.ProcessEnv): string {
  return env.MILLRACE_SCHEMAS_DIR || join(installation(), 'schemas');
}

/** The compiled main file of an app. */
export function appMain(app: string): string {
  return join(installation(), 'dist', 'apps', app, 'main.js');
}
