import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { appEnvironment } from './app-environment';
import { APPS } from './hub';
import { serverProperties } from './kafka-process';
import { KAFKA_SETTINGS } from './kafka-settings';
import { HomePaths, packageRoot } from './paths';
import { DATABASES, INITDB_LOCALE, POSTGRES_SETTINGS } from './postgres-process';
import { REGISTRY_API, REGISTRY_SETTINGS, registryEnvironment } from './registry-process';
import { stackVersions } from './versions';

const Service = z.object({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  configs: z.object({ databases: z.object({ content: z.string() }) }),
});

const compose = Compose.parse(
  parse(readFileSync(join(packageRoot(), 'docker-compose.yml'), 'utf8'), { merge: true }),
);
const service = (name: string): z.infer<typeof Service> => Service.parse(compose.services[name]);

const home = mkdtempSync(join(tmpdir(), 'millrace-compose-'));
const paths = new HomePaths(home);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** apache/kafka's image: `a.b` in server.properties is `KAFKA_A_B` in its environment. */
const variableOf = (property: string): string => `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`;

describe('docker-compose.yml', () => {
  it('runs the versions of the local stack', () => {
    const versions = stackVersions();
    expect(service('kafka').image).toBe(`apache/kafka:${versions.kafka}`);
    expect(service('registry').image).toBe(`apicurio/apicurio-registry:${versions.registry}`);
    expect(service('postgres').image).toBe(`postgres:${versions.postgres.split('.')[0]}`);
  });

  it('configures Kafka with the settings of the local stack and no others', () => {
    const { environment } = service('kafka');
    expect(environment).toMatchObject(
      Object.fromEntries(Object.entries(KAFKA_SETTINGS).map(([name, value]) => [variableOf(name), value])),
    );
    const local = serverProperties({ paths, jars: '', env: {}, clientPort: 1, controllerPort: 2 });
    const properties = [...local.matchAll(/^([^=]+)=/gm)].map((match) => variableOf(match[1] ?? ''));
    expect(Object.keys(environment).sort()).toEqual(properties.sort());
  });

  it('configures the registry with the variables of the local stack', () => {
    const { environment } = service('registry');
    expect(environment).toMatchObject(REGISTRY_SETTINGS);
    const local = registryEnvironment(1, 'postgres://user:password@host:2/name');
    expect(Object.keys(environment).sort()).toEqual(Object.keys(local).sort());
  });

  it('configures PostgreSQL with the settings, locale and databases of the local stack', () => {
    const { command, environment } = service('postgres');
    const settings = Object.entries(POSTGRES_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    expect(command).toEqual(['postgres', ...settings]);
    expect(environment['POSTGRES_INITDB_ARGS']?.split(' ')).toEqual(INITDB_LOCALE);
    const created = [...compose.configs.databases.content.matchAll(/create database (\w+);/g)].map(
      (match) => match[1],
    );
    expect([environment['POSTGRES_DB'], ...created]).toEqual([
      DATABASES.hub,
      DATABASES.mart,
      DATABASES.registry,
    ]);
  });

  it.each(APPS)('gives %s the variables that npm start gives it', (app) => {
    const sandbox = {
      url: 'http://a:1',
      authUrl: 'http://a:1',
      adminUrl: 'http://a:1/admin',
      apiKey: 'k',
      apiPassword: 'p',
    };
    const run = {
      kafka: { brokers: ['a:1'] },
      registry: { url: 'http://a:1' },
      postgres: { url: 'postgres://a:1/b' },
      mart: { url: 'postgres://a:1/c' },
      control: { url: 'http://a:1', token: 't' },
      sandboxes: { plytix: sandbox },
    };
    const local = [...Object.keys(appEnvironment(run, paths, {})), 'MILLRACE_HEALTH_PORT'];
    // In a container, 127.0.0.1 would be the container itself.
    if (app === 'control') local.push('MILLRACE_CONTROL_HOST');
    const { command, environment } = service(app);
    expect(Object.keys(environment).sort()).toEqual(local.sort());
    expect(environment['SCHEMA_REGISTRY_URL']).toBe(`http://registry:8080${REGISTRY_API}`);
    expect(new URL(environment['DATABASE_URL'] ?? '').pathname).toBe(`/${DATABASES.hub}`);
    expect(new URL(environment['MART_URL'] ?? '').pathname).toBe(`/${DATABASES.mart}`);
    const { PLYTIX_POLL_INTERVAL_MS, PLYTIX_SWEEP_INTERVAL_MS } = appEnvironment(run, paths, {});
    expect(environment).toMatchObject({ PLYTIX_POLL_INTERVAL_MS, PLYTIX_SWEEP_INTERVAL_MS });
    expect(command).toEqual(['node', `dist/apps/${app}/main.js`]);
  });

  it('gives sandbox and source the same credentials', () => {
    const [sandbox, source] = [service('sandbox').environment, service('source').environment];
    expect(sandbox['SANDBOX_PLYTIX_API_KEY']).toBe(source['PLYTIX_API_KEY']);
    expect(sandbox['SANDBOX_PLYTIX_API_PASSWORD']).toBe(source['PLYTIX_API_PASSWORD']);
  });
});

describe('the Dockerfile', () => {
  const lines = readFileSync(join(packageRoot(), 'Dockerfile'), 'utf8').split('\n');

  it('does not run as root', () => {
    expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
  });

  it('copies only what the repository has', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY --from=build'))
      .map((line) => line.split(/[ ]/)[2] ?? '');
    const made = new Set(['node_modules', 'dist']);
    const missing = copied
      .map((path) => path.replace('/app/', ''))
      .filter((path) => !made.has(path) && !existsSync(join(packageRoot(), path)));
    expect(missing).toEqual([]);
  });
});
