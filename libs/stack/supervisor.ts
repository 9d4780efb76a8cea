import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from './files';
import type { HomePaths } from './paths';
import { isAlive, processIdentity } from './process-identity';
import { explainFileError, StackError } from './stack-error';
import { SupervisedProcess } from './supervised-process';
import type { ProcessSpec, ProcessStatus } from './supervised-process';

const Pids = z.record(
  z.string(),
  z.object({ pid: z.number().int(), identity: z.string(), stopSignal: z.string() }),
);
type Pids = z.infer<typeof Pids>;

const ROTATE_EVERY_MS = 10_000;
const ORPHAN_GRACE_MS = 8_000;

/**
 * The processes of one home directory. Keeps three things on disk: who runs (`pids.json`, so that the next start
 * finds orphans), how they are (`supervisor.json`, what `status` shows), and their logs.
 */
export class Supervisor {
  private readonly processes = new Map<string, SupervisedProcess>();
  private readonly pids: Pids = {};
  private readonly rotation: NodeJS.Timeout;
  private stopping = false;
  private closed = false;

  constructor(
    private readonly paths: HomePaths,
    private readonly onState: (status: ProcessStatus) => void = () => undefined,
  ) {
    try {
      mkdirSync(paths.logs(), { recursive: true });
    } catch (error) {
      throw explainFileError(error, paths.logs());
    }
    this.rotation = setInterval(() => this.rotateLogs(), ROTATE_EVERY_MS);
    this.rotation.unref();
  }

  /** Starts a process under supervision; resolves when it is ready. @throws StackError when it does not become so */
  async start(spec: ProcessSpec): Promise<SupervisedProcess> {
    if (this.stopping) throw new StackError(`Starting ${spec.name} was interrupted.`, 130);
    const supervised = new SupervisedProcess(spec);
    this.processes.set(spec.name, supervised);
    supervised.on('spawned', (pid) => this.remember(spec, pid));
    supervised.on('exited', (pid) => this.forget(spec.name, pid));
    supervised.on('state', (status) => {
      this.writeStatus();
      this.onState(status);
    });
    await supervised.start();
    return supervised;
  }

  get(name: string): SupervisedProcess | undefined {
    return this.processes.get(name);
  }

  list(): readonly ProcessStatus[] {
    return [...this.processes.values()].map((supervised) => supervised.snapshot());
  }

  /**
   * Stops everything in order: each group together, one group after the other, and what no group names before them
   * all. From now on nothing is started any more. Resolves when all are gone.
   */
  async stopInOrder(groups: readonly (readonly string[])[]): Promise<void> {
    this.stopping = true;
    const grouped = new Set(groups.flat());
    const others = [...this.processes.keys()].filter((name) => !grouped.has(name));
    for (const group of [others, ...groups]) {
      await Promise.all(group.map((name) => this.processes.get(name)?.stop()));
    }
  }

  /** Kills everything at once, without waiting for it. */
  killNow(): void {
    this.stopping = true;
    for (const supervised of this.processes.values()) supervised.killNow();
  }

  /** Ends the book-keeping. Call it after the last stop. */
  close(): void {
    clearInterval(this.rotation);
    this.writeStatus();
    this.closed = true;
  }

  /**
   * Ends what an earlier supervisor of this home left behind when it was killed. A process counts as ours only if
   * pid and start time are those that were written down.
   *
   * @returns the names of the parts that were still running
   */
  static async endOrphans(paths: HomePaths): Promise<string[]> {
    const left = Object.entries(readJson(paths.pidsFile(), Pids) ?? {});
    const orphans = left.filter(([, { pid, identity }]) => isAlive(pid, identity));
    for (const [, { pid, stopSignal }] of orphans) signal(pid, stopSignal as NodeJS.Signals);
    const deadline = Date.now() + ORPHAN_GRACE_MS;
    const living = (): typeof orphans => orphans.filter(([, { pid, identity }]) => isAlive(pid, identity));
    while (living().length > 0 && Date.now() < deadline) await delay(50);
    while (living().length > 0) {
      for (const [, { pid }] of living()) signal(pid, 'SIGKILL');
      await delay(50);
    }
    writeJsonAtomic(paths.pidsFile(), {});
    return orphans.map(([name]) => name);
  }

  private remember(spec: ProcessSpec, pid: number): void {
    const identity = processIdentity(pid);
    if (identity === undefined) return;
    this.pids[spec.name] = { pid, identity, stopSignal: spec.stopSignal ?? 'SIGTERM' };
    writeJsonAtomic(this.paths.pidsFile(), this.pids);
  }

  private forget(name: string, pid: number): void {
    if (this.pids[name]?.pid !== pid) return;
    delete this.pids[name];
    this.tolerantly(() => writeJsonAtomic(this.paths.pidsFile(), this.pids));
  }

  private writeStatus(): void {
    if (this.closed) return;
    this.tolerantly(() =>
      writeJsonAtomic(this.paths.supervisorFile(), {
        pid: process.pid,
        writtenAt: Date.now(),
        parts: this.list(),
      }),
    );
  }

  private rotateLogs(): void {
    for (const supervised of this.processes.values()) supervised.log.rotate();
  }

  /** A disk that is full while the hub runs must not end the supervisor: what it supervises goes on. */
  private tolerantly(write: () => void): void {
    try {
      write();
    } catch {
      // The next change of state writes it again.
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone in the meantime.
  }
}
