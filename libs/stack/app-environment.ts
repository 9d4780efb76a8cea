import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './paths';
import type { HomePaths } from './paths';
import type { RunFile } from './run-file';
import { explainFileError } from './stack-error';

/** A sandbox has no hourly quota: it is asked often, so that an edit is seen while one still looks. */
const LOCAL_POLL_MS = '500';
const LOCAL_SWEEP_MS = '30000';

/**
 * The variables that every app reads, for a hub with these addresses. `docker-compose.yml` sets the same ones, and
 * a test compares the two. MILLRACE_HEALTH_PORT comes on top, for it differs between apps.
 *
 * @param env the user's own, where a few of them may be set already
 */
export function appEnvironment(
  run: Omit<RunFile, 'pids'>,
  paths: HomePaths,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const { plytix } = run.sandboxes;
  return {
    KAFKA_BROKERS: run.kafka.brokers.join(','),
    SCHEMA_REGISTRY_URL: run.registry.url,
    DATABASE_URL: run.postgres.url,
    MART_URL: run.mart.url,
    MILLRACE_HOME: paths.home,
    MILLRACE_SCHEMAS_DIR: env['MILLRACE_SCHEMAS_DIR'] || join(packageRoot(), 'schemas'),
    MILLRACE_CONTROL_PORT: new URL(run.control.url).port,
    MILLRACE_CONTROL_TOKEN: run.control.token,
    FILE_SYSTEM: env['FILE_SYSTEM'] || 'centric',
    FILE_PATH: env['FILE_PATH'] || emptyFile(paths.fileSource()),
    ...(plytix && {
      PLYTIX_URL: plytix.url,
      PLYTIX_AUTH_URL: plytix.authUrl,
      PLYTIX_API_KEY: plytix.apiKey,
      PLYTIX_API_PASSWORD: plytix.apiPassword,
      PLYTIX_POLL_INTERVAL_MS: env['PLYTIX_POLL_INTERVAL_MS'] || LOCAL_POLL_MS,
      PLYTIX_SWEEP_INTERVAL_MS: env['PLYTIX_SWEEP_INTERVAL_MS'] || LOCAL_SWEEP_MS,
    }),
  };
}

/** Makes the file if it is missing and leaves it alone if it is not. */
function emptyFile(path: string): string {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw explainFileError(error, path);
  }
  return path;
}
