import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { javaEnvironment } from './kafka-process';
import type { HomePaths } from './paths';
import { javaCommand } from './preflight';
import { probeRegistry } from './probes';
import { StackError } from './stack-error';
import type { ProcessSpec } from './supervised-process';

/** Path of the Confluent-compatible interface in Apicurio Registry 3. */
export const REGISTRY_API = '/apis/ccompat/v7';

/**
 * What the registry is configured with wherever it runs; `docker-compose.yml` has the same. Its own default is an
 * in-memory database, and a connection pool of 20 to 100.
 */
export const REGISTRY_SETTINGS: Readonly<Record<string, string>> = {
  APICURIO_STORAGE_KIND: 'sql',
  APICURIO_STORAGE_SQL_KIND: 'postgresql',
  APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '2',
  APICURIO_DATASOURCE_JDBC_MIN_SIZE: '2',
  APICURIO_DATASOURCE_JDBC_MAX_SIZE: '10',
  // A connection that died with the database is noticed before a request gets it, not by that request's failure.
  QUARKUS_DATASOURCE_POSTGRESQL_JDBC_VALIDATE_ON_BORROW: 'true',
  // Normal operation is silent: no line for each request.
  QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
};

export interface RegistryOptions {
  paths: HomePaths;
  /** Directory of the unpacked archive. */
  jars: string;
  env: NodeJS.ProcessEnv;
  port: number;
  /** Database of its own on the local server, `postgres://user:password@host:port/name`. */
  databaseUrl: string;
}

/** How Apicurio Registry runs under supervision, with its schemas in PostgreSQL. */
export function registryProcess({ paths, jars, env, port, databaseUrl }: RegistryOptions): ProcessSpec {
  const directory = paths.part('registry');
  return {
    name: 'registry',
    command: javaCommand(env),
    args: [
      '-Xmx384m',
      // It answers a few requests a minute: the simple compiler halves the processor time of its start.
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-XX:+ExitOnOutOfMemoryError',
      `-Dmillrace.home=${paths.home}`,
      '-jar',
      runnerJar(jars),
    ],
    env: { ...javaEnvironment(env), ...registryEnvironment(port, databaseUrl) },
    cwd: directory,
    logFile: paths.log('registry'),
    prepare: async () => void mkdirSync(directory, { recursive: true }),
    // On two busy cores a JVM may take ten times what it takes alone.
    readyTimeoutMs: 120_000,
    probe: () => probeRegistry(`http://127.0.0.1:${port}${REGISTRY_API}`),
  };
}

/** Where the registry listens and where it stores, in its own variables. */
export function registryEnvironment(port: number, databaseUrl: string): Record<string, string> {
  const database = new URL(databaseUrl);
  return {
    ...REGISTRY_SETTINGS,
    QUARKUS_HTTP_HOST: '127.0.0.1',
    QUARKUS_HTTP_PORT: String(port),
    APICURIO_DATASOURCE_URL: `jdbc:postgresql://${database.host}${database.pathname}`,
    APICURIO_DATASOURCE_USERNAME: decodeURIComponent(database.username),
    APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(database.password),
  };
}

function runnerJar(directory: string): string {
  const name = readdirSync(directory).find((file) => file.endsWith('-runner.jar'));
  if (!name)
    throw new StackError(
      `The registry's jar is missing in ${directory}. Delete that directory and start again.`,
    );
  return join(directory, name);
}
