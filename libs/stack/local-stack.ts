import { checkKafka, checkPostgres, checkRegistry, redacted } from './external';
import { HomeLock } from './home-lock';
import { resolveJars } from './jars';
import type { Jars } from './jars';
import { kafkaProcess } from './kafka-process';
import { HomePaths } from './paths';
import { PortBook } from './ports';
import { postgresBinaries, postgresUser } from './postgres-binaries';
import { reachPostgres } from './postgres-reach';
import { createDatabases, DATABASES, localDatabaseUrl, postgresProcess } from './postgres-process';
import type { Database } from './postgres-process';
import { checkHome, checkJava } from './preflight';
import type { OnProgress, ProgressDetail, ProgressState } from './progress';
import { REGISTRY_API, registryProcess } from './registry-process';
import { loadSecrets } from './secrets';
import type { Secrets } from './secrets';
import type { ProcessSpec, ProcessStatus } from './supervised-process';
import { Supervisor } from './supervisor';
import { stackVersions } from './versions';

export type StackPart = 'postgres' | 'kafka' | 'registry';

export interface LocalStackOptions {
  /** Directory of state, logs and credentials; made if it is missing. */
  home: string;
  /** Variables of {@link LocalStack} are read from here; the child processes get it too. */
  env: NodeJS.ProcessEnv;
  /** Only these parts, for tests. Default: all. The address of a part that is left out is empty. */
  only?: readonly StackPart[];
  /** Settings of the local PostgreSQL on top of its own, such as `fsync: off` for tests. */
  postgresSettings?: Readonly<Record<string, string>>;
  onProgress?: OnProgress;
}

/** Where the parts answer; with credentials where they need them. */
export interface StackAddresses {
  brokers: string[];
  /** Base address of the Confluent-compatible interface. */
  registryUrl: string;
  databaseUrl: string;
  martUrl: string;
}

/** Stopped one after the other; whatever else runs under the same supervisor is stopped before. */
const STOP_ORDER: readonly (readonly string[])[] = [['registry'], ['kafka'], ['postgres']];

/**
 * Kafka, schema registry and PostgreSQL on this machine, each a supervised process that comes back on its port with
 * its data when it is killed. KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL and MART_URL each replace a part by
 * one that runs elsewhere. The local PostgreSQL runs as long as the hub's database, the mart or the local registry
 * needs it. MILLRACE_KAFKA_PORT, MILLRACE_REGISTRY_PORT and MILLRACE_POSTGRES_PORT fix a port.
 */
export class LocalStack {
  readonly addresses: StackAddresses = { brokers: [], registryUrl: '', databaseUrl: '', martUrl: '' };
  readonly paths: HomePaths;
  readonly supervisor: Supervisor;
  private readonly ports: PortBook;
  readonly secrets: Secrets;
  private readonly versions = stackVersions();
  private readonly titles = new Map<string, string>();
  private readonly ready = new Set<string>();
  private stopped: Promise<void> | undefined;
  private failure: unknown;

  private constructor(
    private readonly options: LocalStackOptions,
    private readonly lock: HomeLock,
  ) {
    this.paths = new HomePaths(options.home);
    this.ports = new PortBook(this.paths.portsFile());
    this.secrets = loadSecrets(this.paths.secretsFile());
    this.supervisor = new Supervisor(this.paths, (status) => this.report(status));
  }

  /**
   * Starts what is not replaced, as far in parallel as dependencies allow, and resolves when every part answers.
   * If one does not, those that run are stopped first.
   *
   * @param onCreated is given the stack before anything runs, so that a start can be interrupted by `stop()`
   * @throws StackError with a sentence for a person: what is missing, taken, full, or already running
   */
  static async start(
    options: LocalStackOptions,
    onCreated?: (stack: LocalStack) => void,
  ): Promise<LocalStack> {
    checkHome(options.home);
    const paths = new HomePaths(options.home);
    const lock = HomeLock.acquire(paths.lockFile());
    let stack: LocalStack;
    try {
      await Supervisor.endOrphans(paths);
      stack = new LocalStack(options, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
    onCreated?.(stack);
    await stack.orStop(() => stack.startParts());
    return stack;
  }

  /** State of every process that runs under this stack, apps included. */
  get processes(): readonly ProcessStatus[] {
    return this.supervisor.list();
  }

  /** Starts one more process beside the stack's own, shown to people as `title`. It is stopped before them. */
  async run(
    spec: ProcessSpec,
    title: string,
    shown: Pick<ProgressDetail, 'address' | 'note'> = {},
  ): Promise<void> {
    const begin = Date.now();
    this.titles.set(spec.name, title);
    this.progress(spec.name, 'starting', shown);
    await this.supervisor.start(spec);
    this.ready.add(spec.name);
    this.progress(spec.name, 'ready', { ...shown, elapsedMs: Date.now() - begin });
  }

  /** A port that stays the same over restarts; `variable` of the environment fixes it. @throws StackError if that one is taken */
  claimPort(name: string, variable?: string): Promise<number> {
    return this.ports.claim(
      name,
      variable === undefined ? undefined : { variable, value: this.options.env[variable] },
    );
  }

  /** Runs a step of a start; if it fails, stops everything and throws what went wrong first. */
  async orStop(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.failure ??= error;
      await this.stop();
      throw this.failure;
    }
  }

  /** Gives a start up from outside, for a reason that its caller will then be told. */
  abandon(reason: unknown): void {
    this.failure ??= reason;
    void this.stop();
  }

  /** Ordered stop: `before` in its order, then registry, Kafka, PostgreSQL. Safe to call twice. */
  stop(before: readonly (readonly string[])[] = []): Promise<void> {
    this.stopped ??= this.stopAll(before);
    return this.stopped;
  }

  /** Ends everything at once, in no order. Data survives, as it survives kill -9. */
  killNow(): void {
    this.supervisor.killNow();
  }

  private async stopAll(before: readonly (readonly string[])[]): Promise<void> {
    try {
      await this.supervisor.stopInOrder([...before, ...STOP_ORDER]);
    } finally {
      this.supervisor.close();
      this.lock.release();
    }
  }

  private async startParts(): Promise<void> {
    const { env } = this.options;
    const localKafka = this.wants('kafka') && !env['KAFKA_BROKERS'];
    const localRegistry = this.wants('registry') && !env['SCHEMA_REGISTRY_URL'];
    const databases = this.localDatabases(localRegistry);
    if (localKafka || localRegistry) await checkJava(env);
    const jars = localKafka || localRegistry ? this.fetchJars() : undefined;
    const postgres = databases.length > 0 ? this.startPostgres(databases) : Promise.resolve(undefined);
    await allOrFirstFailure([
      this.checkReplaced(),
      postgres,
      localKafka && jars ? jars.then((found) => this.startKafka(found)) : undefined,
      localRegistry && jars
        ? Promise.all([jars, postgres]).then(([found, url]) =>
            this.startRegistry(found, url?.('registry') ?? ''),
          )
        : undefined,
    ]);
  }

  private wants(part: StackPart): boolean {
    return this.options.only?.includes(part) ?? true;
  }

  private localDatabases(localRegistry: boolean): Database[] {
    const { env } = this.options;
    const databases: Database[] = [];
    if (this.wants('postgres') && !env['DATABASE_URL']) databases.push('hub');
    if (this.wants('postgres') && !env['MART_URL']) databases.push('mart');
    if (localRegistry) databases.push('registry');
    return databases;
  }

  private async checkReplaced(): Promise<void> {
    const { env } = this.options;
    const external = (part: string, title: string, address: string): void => {
      this.titles.set(part, title);
      this.progress(part, 'external', { address });
    };
    const checks: Promise<void>[] = [];
    if (this.wants('kafka') && env['KAFKA_BROKERS']) {
      checks.push(
        checkKafka(env).then((brokers) =>
          external('kafka', 'Kafka', (this.addresses.brokers = brokers).join(',')),
        ),
      );
    }
    if (this.wants('registry') && env['SCHEMA_REGISTRY_URL']) {
      checks.push(
        checkRegistry(env).then((url) =>
          external('registry', 'Registry', redacted((this.addresses.registryUrl = url))),
        ),
      );
    }
    if (this.wants('postgres') && env['DATABASE_URL']) {
      checks.push(
        checkPostgres('DATABASE_URL', env).then((url) =>
          external('database', 'PostgreSQL (hub)', redacted((this.addresses.databaseUrl = url))),
        ),
      );
    }
    if (this.wants('postgres') && env['MART_URL']) {
      checks.push(
        checkPostgres('MART_URL', env).then((url) =>
          external('mart', 'PostgreSQL (mart)', redacted((this.addresses.martUrl = url))),
        ),
      );
    }
    await allOrFirstFailure(checks);
  }

  private fetchJars(): Promise<Jars> {
    return resolveJars(this.options.env, () => {
      this.titles.set('jars', 'Kafka and registry, once, by Maven');
      this.progress('jars', 'downloading', {});
    });
  }

  private async startPostgres(databases: Database[]): Promise<(database: Database) => string> {
    const { env } = this.options;
    const [user, port] = await Promise.all([
      postgresUser(),
      this.claimPort('postgres', 'MILLRACE_POSTGRES_PORT'),
    ]);
    const options = {
      paths: this.paths,
      reach: await reachPostgres(postgresBinaries(), user, this.paths.home),
      user,
      password: this.secrets.postgresPassword,
      settings: this.options.postgresSettings,
      port,
      env,
    };
    await this.run(postgresProcess(options), `PostgreSQL ${this.versions.postgres}`, {
      address: `127.0.0.1:${port}`,
    });
    await createDatabases(
      options,
      databases.map((database) => DATABASES[database]),
    );
    const url = (database: Database): string => localDatabaseUrl(options, DATABASES[database]);
    if (databases.includes('hub')) this.addresses.databaseUrl = url('hub');
    if (databases.includes('mart')) this.addresses.martUrl = url('mart');
    return url;
  }

  private async startKafka(jars: Jars): Promise<void> {
    const { env } = this.options;
    const clientPort = await this.claimPort('kafka', 'MILLRACE_KAFKA_PORT');
    const controllerPort = await this.claimPort('kafka-controller');
    const spec = kafkaProcess({ paths: this.paths, jars: jars.kafka, env, clientPort, controllerPort });
    await this.run(spec, `Kafka ${this.versions.kafka}`, { address: `127.0.0.1:${clientPort}` });
    this.addresses.brokers = [`127.0.0.1:${clientPort}`];
  }

  private async startRegistry(jars: Jars, databaseUrl: string): Promise<void> {
    const port = await this.claimPort('registry', 'MILLRACE_REGISTRY_PORT');
    const spec = registryProcess({
      paths: this.paths,
      jars: jars.registry,
      env: this.options.env,
      port,
      databaseUrl,
    });
    await this.run(spec, `Registry ${this.versions.registry}`, { address: `127.0.0.1:${port}` });
    this.addresses.registryUrl = `http://127.0.0.1:${port}${REGISTRY_API}`;
  }

  /** Changes after the first start, which `run` reports itself: crashes, returns, the end. */
  private report({ name, state, lastExit }: ProcessStatus): void {
    if (state === 'stopping' || state === 'stopped' || state === 'failed') this.progress(name, state, {});
    else if (!this.ready.has(name)) return;
    else if (state === 'backoff')
      this.progress(name, 'backoff', { note: `ended with ${lastExit}; it is started again` });
    else if (state === 'running') this.progress(name, 'ready', { note: 'is back' });
  }

  private progress(part: string, state: ProgressState, detail: Omit<ProgressDetail, 'title'>): void {
    this.options.onProgress?.(part, state, { title: this.titles.get(part) ?? part, ...detail });
  }
}

/** Like Promise.all; the others' later failures, which follow from stopping them, are not unhandled rejections. */
async function allOrFirstFailure(tasks: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const task of tasks) task?.catch(() => undefined);
  await Promise.all(tasks);
}
