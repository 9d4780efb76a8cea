import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { appProcess } from './app-process';
import { appEnvironment } from './app-environment';
import { LocalStack } from './local-stack';
import { packageRoot } from './paths';
import type { OnProgress } from './progress';
import { removeRunFile, writeRunFile } from './run-file';
import type { RunFile, SandboxAddress } from './run-file';
import type { ProcessStatus } from './supervised-process';

/** The hub's own services, each a process. The control app answers at an address of its own. */
export const APPS = ['source', 'catalog', 'sink', 'control'] as const;
const SANDBOX = 'sandbox-plytix';

export interface HubOptions {
  home: string;
  /** Replaces parts of the stack, fixes ports, and is handed on to every app. */
  env: NodeJS.ProcessEnv;
  /** Number of styles that a new sandbox is seeded with; the sandbox's own default if it is left out. */
  products?: number;
  seed?: number;
  onProgress?: OnProgress;
  /** Interrupts the start: what runs already is stopped in order, and `startHub` rejects with exit code 130. */
  signal?: AbortSignal;
  /** Where the built apps lie. Default: `dist/apps` of this package. */
  appsDirectory?: string;
}

/** A hub that is up. */
export interface RunningHub {
  /** Addresses and credentials, as `run.json` has them. */
  readonly run: RunFile;
  /** State of each process. */
  processes(): readonly ProcessStatus[];
  /** Apps, sandbox, registry, Kafka, PostgreSQL, in this order. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends everything at once and in no order: for the second Ctrl-C. Nothing is lost, as nothing is by kill -9. */
  killNow(): void;
}

/**
 * Starts the whole hub in one home directory: local stack, sandbox of Plytix, then the apps; resolves when all
 * answer, and then `run.json` is there. Every process is supervised. If the start fails, whatever runs is stopped.
 *
 * PLYTIX_URL in the environment replaces the sandbox by a real account. MILLRACE_CONTROL_PORT and
 * MILLRACE_SANDBOX_PLYTIX_PORT fix a port.
 *
 * @throws StackError with a sentence for a person
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const hub = new Hub(options);
  await hub.start();
  return hub;
}

class Hub implements RunningHub {
  run!: RunFile;
  private stack!: LocalStack;
  private started = false;

  constructor(private readonly options: HubOptions) {}

  async start(): Promise<void> {
    const { home, env, signal } = this.options;
    let sandbox: Promise<SandboxAddress | undefined> | undefined;
    const onAbort = (): void => void this.stop();
    const onCreated = (stack: LocalStack): void => {
      this.stack = stack;
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) onAbort();
      removeRunFile(stack.paths);
      sandbox = this.startSandbox();
      sandbox.catch((error: unknown) => stack.abandon(error));
    };
    try {
      await LocalStack.start({ home, env, onProgress: (...change) => this.onProgress(...change) }, onCreated);
      await this.stack.orStop(async () => this.startApps(await sandbox));
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  processes(): readonly ProcessStatus[] {
    return this.stack.processes;
  }

  async stop(): Promise<void> {
    await this.stack.stop([APPS, [SANDBOX]]);
    removeRunFile(this.stack.paths);
  }

  killNow(): void {
    this.stack.killNow();
    removeRunFile(this.stack.paths);
  }

  private async startApps(sandbox: SandboxAddress | undefined): Promise<void> {
    const { stack } = this;
    const { brokers, registryUrl, databaseUrl, martUrl } = stack.addresses;
    const controlPort = await stack.claimPort('control', 'MILLRACE_CONTROL_PORT');
    const token = this.options.env['MILLRACE_CONTROL_TOKEN'] || stack.secrets.controlToken;
    this.run = {
      kafka: { brokers },
      registry: { url: registryUrl },
      postgres: { url: databaseUrl },
      mart: { url: martUrl },
      control: { url: `http://127.0.0.1:${controlPort}`, token },
      sandboxes: sandbox ? { plytix: sandbox } : {},
      pids: {},
    };
    const env = { ...this.options.env, ...appEnvironment(this.run, stack.paths, this.options.env) };
    await Promise.all(APPS.map((app) => this.startApp(app, env)));
    this.started = true;
    this.writeRun();
  }

  private async startApp(app: (typeof APPS)[number], env: NodeJS.ProcessEnv): Promise<void> {
    const healthPort = await this.stack.claimPort(`${app}-health`);
    // Control has a public /health beside its API, which is what people and tools will ask.
    const healthUrl =
      app === 'control' ? `${this.run.control.url}/health` : `http://127.0.0.1:${healthPort}/health`;
    const spec = appProcess({
      name: app,
      app,
      directory: this.appsDirectory(),
      env: { ...env, MILLRACE_HEALTH_PORT: String(healthPort) },
      paths: this.stack.paths,
      healthUrl,
    });
    await this.stack.run(spec, app, app === 'control' ? { address: this.run.control.url } : {});
  }

  private async startSandbox(): Promise<SandboxAddress | undefined> {
    const { env, products, seed } = this.options;
    const { stack } = this;
    if (env['PLYTIX_URL']) return undefined;
    const { plytixApiKey: apiKey, plytixApiPassword: apiPassword } = stack.secrets;
    const port = await stack.claimPort(SANDBOX, 'MILLRACE_SANDBOX_PLYTIX_PORT');
    const url = `http://127.0.0.1:${port}`;
    const data = join(stack.paths.part('sandbox'), 'plytix');
    mkdirSync(data, { recursive: true });
    const args = ['plytix', '--port', String(port), '--data', data];
    if (products !== undefined) args.push('--products', String(products));
    if (seed !== undefined) args.push('--seed', String(seed));
    const spec = appProcess({
      name: SANDBOX,
      app: 'sandbox',
      directory: this.appsDirectory(),
      args,
      env: { ...env, SANDBOX_PLYTIX_API_KEY: apiKey, SANDBOX_PLYTIX_API_PASSWORD: apiPassword },
      paths: stack.paths,
      healthUrl: `${url}/admin/health`,
    });
    await stack.run(spec, 'Sandbox plytix', { address: `${url}/` });
    return { url, authUrl: url, adminUrl: `${url}/admin`, apiKey, apiPassword };
  }

  private onProgress(...[part, state, detail]: Parameters<OnProgress>): void {
    // A part that came back has another pid.
    if (state === 'ready' && this.started) this.writeRun();
    this.options.onProgress?.(part, state, detail);
  }

  private writeRun(): void {
    const pids = this.processes().flatMap(({ name, pid }) =>
      pid === undefined ? [] : [[name, pid] as const],
    );
    this.run.pids = { hub: process.pid, ...Object.fromEntries(pids) };
    writeRunFile(this.stack.paths, this.run);
  }

  private appsDirectory(): string {
    return this.options.appsDirectory ?? join(packageRoot(), 'dist', 'apps');
  }
}
