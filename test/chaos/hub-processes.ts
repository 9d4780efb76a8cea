/** The hub's apps as processes, under the supervisor that a user's hub has: killed ones are started again. */
import { join } from 'node:path';
import { freePort, packageRoot } from '../../libs/stack';
import type { HomePaths, SupervisedProcess, Supervisor } from '../../libs/stack';
import { appProcess } from '../../libs/stack/app-process';

export type HubApp = 'source' | 'catalog' | 'sink';

export class HubProcesses {
  constructor(
    private readonly supervisor: Supervisor,
    private readonly paths: HomePaths,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * Starts an app; `name` tells instances of one app apart, also as `application_name` of its sessions on the hub
   * database. Resolves when it answers.
   */
  async start(app: HubApp, name: string = app): Promise<void> {
    const database = new URL(this.env.DATABASE_URL!);
    database.searchParams.set('application_name', name);
    const port = await freePort();
    const spec = appProcess({
      name,
      app,
      directory: join(packageRoot(), 'dist', 'apps'),
      env: { ...this.env, DATABASE_URL: database.toString(), MILLRACE_HEALTH_PORT: String(port) },
      paths: this.paths,
      healthUrl: `http://127.0.0.1:${port}/health`,
    });
    await this.supervisor.start(spec);
  }

  /** kill -9. Resolves when the supervisor has seen the end: what follows happens without the process. */
  async kill(name: string): Promise<void> {
    const supervised = this.get(name);
    const noticed = supervised.until('backoff');
    supervised.kill('SIGKILL');
    await noticed;
  }

  /** True if a living process of this hub has this pid. */
  runs(pid: number): boolean {
    return this.supervisor.list().some((status) => status.pid === pid);
  }

  /** kill -9 of whichever process has this pid. */
  async killPid(pid: number): Promise<void> {
    const owner = this.supervisor.list().find((status) => status.pid === pid);
    if (!owner) throw new Error(`killing process ${pid}: it is none of this hub's`);
    await this.kill(owner.name);
  }

  /** kill -9, and nobody starts it again. */
  async killForGood(name: string): Promise<void> {
    const supervised = this.get(name);
    supervised.killNow();
    await supervised.stop();
  }

  /** Ordered stop, for good. */
  async stop(name: string): Promise<void> {
    await this.get(name).stop();
  }

  private get(name: string): SupervisedProcess {
    const supervised = this.supervisor.get(name);
    if (!supervised) throw new Error(`looking for ${name}: it was never started`);
    return supervised;
  }
}
