import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { HomePaths, LocalStack, startHub } from '../../libs/stack';
import type { ProgressState, RunFile, RunningHub } from '../../libs/stack';
import { isolatedEnvironment, ownStack, sharedStack, testNamespace } from '../support/stack';
import type { OwnStack } from '../support/stack';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function withAdmin<T>(
  brokers: string[],
  work: (kafka: Kafka, admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const kafka = new Kafka({ brokers, clientId: 'stack-spec', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(kafka, admin);
  } finally {
    await admin.disconnect();
  }
}

describe('the local stack', () => {
  let own: OwnStack;
  let sut: LocalStack;

  beforeAll(async () => {
    own = await ownStack();
    sut = own.stack;
  }, 120_000);
  afterAll(() => own.stop(), 60_000);

  it('brings Kafka back on its port with its topics and records after kill -9', async () => {
    const { brokers } = sut.addresses;
    await withAdmin(brokers, async (kafka, admin) => {
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }] });
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: 'kept', acks: -1, messages: [{ partition: 1, value: 'a record' }] });
      await producer.disconnect();
    });
    await own.killAndAwait('kafka');
    expect(sut.addresses.brokers).toEqual(brokers);
    const ends = await withAdmin(brokers, (_kafka, admin) => admin.fetchTopicOffsets('kept'));
    expect(Object.fromEntries(ends.map(({ partition, high }) => [partition, high]))).toEqual({
      0: '0',
      1: '1',
      2: '0',
    });
  }, 60_000);

  it('brings PostgreSQL back with its rows after kill -9, and the registry goes on with it', async () => {
    const { databaseUrl, registryUrl } = sut.addresses;
    await query(databaseUrl, 'create table kept as select 1 as one');
    await own.killAndAwait('postgres');
    expect(await query(databaseUrl, 'select * from kept')).toEqual([{ one: 1 }]);
    expect(await query(databaseUrl, 'show wal_level')).toEqual([{ wal_level: 'logical' }]);
    const answers = Array.from({ length: 12 }, async () => (await fetch(`${registryUrl}/subjects`)).status);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  }, 60_000);

  it('brings the registry back with its subjects and levels after kill -9', async () => {
    const { registryUrl } = sut.addresses;
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const schema = JSON.stringify({ schema: '"string"' });
    await fetch(`${registryUrl}/config`, {
      method: 'PUT',
      headers,
      body: '{"compatibility":"FULL_TRANSITIVE"}',
    });
    const made = await fetch(`${registryUrl}/subjects/kept-value/versions`, {
      method: 'POST',
      headers,
      body: schema,
    });
    expect(made.status).toBe(200);
    const answers = async (): Promise<unknown[]> => [
      await (await fetch(`${registryUrl}/subjects`)).json(),
      await (await fetch(`${registryUrl}/config`)).json(),
    ];
    const before = await answers();
    expect(before[0]).toEqual(['kept-value']);
    await own.killAndAwait('registry');
    expect(await answers()).toEqual(before);
  }, 60_000);

  it('has a database each for hub, mart and registry, and keeps the password for its owner', async () => {
    const rows = await query(
      sut.addresses.databaseUrl,
      `select datname from pg_database where datname like 'millrace%' order by 1`,
    );
    expect(rows).toEqual(['millrace', 'millrace_mart', 'millrace_registry'].map((datname) => ({ datname })));
    expect(statSync(sut.paths.secretsFile()).mode & 0o777).toBe(0o600);
  });

  it('refuses a second instance in the same home and leaves the first alone', async () => {
    const before = sut.processes.map(({ pid }) => pid);
    await expect(LocalStack.start({ home: own.home, env: isolatedEnvironment() })).rejects.toMatchObject({
      name: 'StackError',
      exitCode: 1,
      message: expect.stringContaining(`Millrace is already running here (pid ${process.pid})`) as string,
    });
    expect(sut.processes.map(({ pid }) => pid)).toEqual(before);
  });
});

describe('a start on what a killed start left behind', () => {
  it('ends the orphans and finds the same port, password and rows', async () => {
    const first = await ownStack(['postgres']);
    const { databaseUrl } = first.stack.addresses;
    await query(databaseUrl, 'create table kept as select 2 as two');
    const orphan = first.stack.processes[0]?.pid ?? 0;
    // What is left when the supervisor dies: a lock whose holder is gone, a process, its pid on disk.
    writeFileSync(
      first.stack.paths.lockFile(),
      JSON.stringify({ pid: 1, identity: 'an earlier boot', token: 'x' }),
    );
    const stopped = first.stack.supervisor.get('postgres')?.until('backoff');
    const second = LocalStack.start({ home: first.home, env: isolatedEnvironment(), only: ['postgres'] });
    // The first supervisor lives in this process and would restart what the second one ends.
    await stopped;
    first.stack.killNow();
    const sut = await second;
    expect(sut.addresses.databaseUrl).toBe(databaseUrl);
    expect(sut.processes[0]?.pid).not.toBe(orphan);
    expect(await query(databaseUrl, 'select * from kept')).toEqual([{ two: 2 }]);
    await sut.stop();
    await first.stop();
  }, 60_000);
});

describe('a part that the environment replaces', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(process.cwd(), '.millrace', `test-${process.pid}-`));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const start = (env: NodeJS.ProcessEnv): Promise<LocalStack> =>
    LocalStack.start({ home, env: { ...isolatedEnvironment(), ...env } });
  const given = (): NodeJS.ProcessEnv => {
    const { brokers, registryUrl, postgresUrl } = sharedStack();
    return {
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      DATABASE_URL: postgresUrl,
      MART_URL: postgresUrl,
    };
  };

  it('is not started, and its address is handed on', async () => {
    const sut = await start(given());
    expect(sut.processes).toEqual([]);
    expect(sut.addresses).toEqual({
      brokers: sharedStack().brokers,
      registryUrl: sharedStack().registryUrl,
      databaseUrl: sharedStack().postgresUrl,
      martUrl: sharedStack().postgresUrl,
    });
    await sut.stop();
  });

  it.each([
    [
      'KAFKA_BROKERS',
      '127.0.0.1:9',
      /^Kafka at 127\.0\.0\.1:9 \(KAFKA_BROKERS\) does not answer: .*unset KAFKA_BROKERS/,
    ],
    [
      'SCHEMA_REGISTRY_URL',
      'http://u:secret@127.0.0.1:9/x',
      /^The schema registry at http:\/\/127\.0\.0\.1:9\/x \(SCHEMA_REGISTRY_URL\) does not answer: /,
    ],
    [
      'DATABASE_URL',
      'postgres://u:secret@127.0.0.1:9/x',
      /^PostgreSQL at postgres:\/\/127\.0\.0\.1:9\/x \(DATABASE_URL\) does not answer: /,
    ],
    ['MART_URL', 'mysql://127.0.0.1/x', /^MART_URL is not a URL that begins with postgres:\/\//],
  ])(
    'is named with its remedy, and without its password, when %s leads nowhere',
    async (variable, value, sentence) => {
      const failure: unknown = await start({ ...given(), [variable]: value }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        name: 'StackError',
        message: expect.stringMatching(sentence) as string,
      });
      expect(String(failure)).not.toContain('secret');
      expect(existsSync(new HomePaths(home).lockFile())).toBe(false);
    },
    20_000,
  );
});

/** A stand-in for every app: answers /health where its environment says, and writes that environment to a file. */
const APP = `
const { createServer } = require('node:http');
const { appendFileSync, writeFileSync } = require('node:fs');
const name = __dirname.split('/').at(-1);
const port = process.argv.includes('--port') ? process.argv[process.argv.indexOf('--port') + 1]
  : name === 'control' ? process.env.MILLRACE_CONTROL_PORT : process.env.MILLRACE_HEALTH_PORT;
writeFileSync(__dirname + '/env.json', JSON.stringify({ ...process.env, ARGV: process.argv.slice(2) }));
const server = createServer((request, response) => {
  response.statusCode = /^(\\/admin)?\\/health$/.test(request.url) ? 200 : 404;
  response.end();
}).listen(port, '127.0.0.1');
process.on('SIGTERM', () => { appendFileSync(__dirname + '/../stops', name + ' '); server.close(); server.closeAllConnections(); });
`;

describe('a hub', () => {
  let home: string;
  let appsDirectory: string;
  let hub: RunningHub | undefined;
  const changes: [string, ProgressState][] = [];

  const options = (): Parameters<typeof startHub>[0] => {
    const { brokers, registryUrl, postgresUrl } = sharedStack();
    return {
      home,
      appsDirectory,
      products: 0,
      seed: 7,
      env: {
        ...isolatedEnvironment(),
        KAFKA_BROKERS: brokers.join(','),
        SCHEMA_REGISTRY_URL: registryUrl,
        DATABASE_URL: postgresUrl,
        MART_URL: postgresUrl,
      },
      onProgress: (part, state) => changes.push([part, state]),
    };
  };
  const runFile = (): RunFile => JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunFile;
  const environmentOf = (app: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(appsDirectory, app, 'env.json'), 'utf8')) as Record<string, unknown>;

  beforeEach(() => {
    home = mkdtempSync(join(process.cwd(), '.millrace', `test-${process.pid}-`));
    appsDirectory = join(home, 'apps');
    for (const app of ['sandbox', 'source', 'catalog', 'sink', 'control']) {
      mkdirSync(join(appsDirectory, app), { recursive: true });
      writeFileSync(join(appsDirectory, app, 'main.js'), APP);
    }
    changes.length = 0;
  });
  afterEach(async () => {
    await hub?.stop();
    hub = undefined;
    rmSync(home, { recursive: true, force: true });
  });

  it('starts sandbox and apps with their environment and writes run.json for its owner only', async () => {
    hub = await startHub(options());
    expect(runFile()).toEqual(hub.run);
    expect(statSync(join(home, 'run.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(hub.run.pids).sort()).toEqual([
      'catalog',
      'control',
      'hub',
      'sandbox-plytix',
      'sink',
      'source',
    ]);
    const { plytix } = hub.run.sandboxes;
    expect(environmentOf('source')).toMatchObject({
      DATABASE_URL: sharedStack().postgresUrl,
      MILLRACE_CONTROL_TOKEN: hub.run.control.token,
      PLYTIX_URL: plytix?.url,
      PLYTIX_API_PASSWORD: plytix?.apiPassword,
      FILE_SYSTEM: 'centric',
    });
    expect(readFileSync(String(environmentOf('source')['FILE_PATH']), 'utf8')).toBe('');
    expect(environmentOf('sandbox')).toMatchObject({
      SANDBOX_PLYTIX_API_KEY: plytix?.apiKey,
      ARGV: expect.arrayContaining(['plytix', '--products', '0', '--seed', '7']) as string[],
    });
  }, 30_000);

  it('restarts an app that was killed, reports it, and notes its new pid', async () => {
    hub = await startHub(options());
    const before = hub.run.pids['catalog'] ?? 0;
    changes.length = 0;
    process.kill(before, 'SIGKILL');
    const pid = await eventually(async () => {
      const now = runFile().pids['catalog'];
      if (now === before || !changes.some(([, state]) => state === 'ready')) throw new Error('not back yet');
      return now;
    });
    expect(pid).toEqual(expect.any(Number));
    expect(changes).toEqual([
      ['catalog', 'backoff'],
      ['catalog', 'ready'],
    ]);
  }, 30_000);

  it('stops the apps before the sandbox, keeps ports and credentials, and leaves no run.json', async () => {
    hub = await startHub(options());
    const { control, sandboxes } = hub.run;
    await hub.stop();
    const stops = readFileSync(join(appsDirectory, 'stops'), 'utf8').trim().split(' ');
    expect(stops.slice(0, 4).sort()).toEqual(['catalog', 'control', 'sink', 'source']);
    expect(stops.slice(4)).toEqual(['sandbox']);
    expect(existsSync(join(home, 'run.json'))).toBe(false);
    hub = await startHub(options());
    expect(hub.run).toMatchObject({ control, sandboxes });
  }, 30_000);

  it('says which app does not start and why, and stops the others', async () => {
    writeFileSync(
      join(appsDirectory, 'sink', 'main.js'),
      'console.log(JSON.stringify({ msg: "MART_URL is not a mart" })); process.exit(1)',
    );
    await expect(startHub(options())).rejects.toThrow(
      /^Starting sink: it ended with code 1\..*: MART_URL is not a mart$/,
    );
    expect(existsSync(join(home, 'run.json'))).toBe(false);
    expect(existsSync(join(home, 'lock.json'))).toBe(false);
    expect(changes.filter(([, state]) => state === 'stopped').map(([part]) => part)).toContain('source');
  }, 30_000);

  it('stops in the middle of its start when it is interrupted', async () => {
    const interrupt = new AbortController();
    const starting = startHub({
      ...options(),
      signal: interrupt.signal,
      onProgress: (part, state) => part === 'source' && state === 'starting' && interrupt.abort(),
    });
    await expect(starting).rejects.toMatchObject({ name: 'StackError', exitCode: 130 });
    expect(existsSync(join(home, 'lock.json'))).toBe(false);
  }, 30_000);
});

describe('a test namespace', () => {
  it('has two empty databases of its own, and takes its topics and databases with it', async () => {
    const sut = await testNamespace();
    const other = await testNamespace();
    await query(sut.databaseUrl, 'create table mine (id int)');
    await expect(query(other.databaseUrl, 'select * from mine')).rejects.toThrow(/does not exist/);
    await withAdmin(sut.brokers, (_kafka, admin) =>
      admin.createTopics({ topics: [{ topic: `${sut.topicPrefix}.a` }] }),
    );
    await sut.dropAll();
    await other.dropAll();
    const topics = await withAdmin(sut.brokers, (_kafka, admin) => admin.listTopics());
    expect(topics.filter((topic) => topic.startsWith(sut.topicPrefix))).toEqual([]);
    await expect(query(sut.martUrl, 'select 1')).rejects.toThrow(/does not exist/);
  }, 30_000);
});

/** Tries until it succeeds; the last error counts after 20 s. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
