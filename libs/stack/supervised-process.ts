import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LogFile } from './log-file';
import { messageOf, StackError } from './stack-error';

/** `starting`: runs, does not answer yet. `backoff`: ended by itself, will be started again. `failed`: never became ready. */
export type ProcessState = 'starting' | 'running' | 'backoff' | 'stopping' | 'stopped' | 'failed';

export interface ProcessSpec {
  /** Name of the part: `kafka`, `catalog`. Also names the log file. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  uid?: number;
  gid?: number;
  logFile: string;
  /**
   * One attempt to find the part ready, by its own protocol. Resolves when it is; rejects when it is not yet.
   * Called again every 100 ms. Must give up by itself within a few seconds.
   */
  probe(): Promise<void>;
  /** Called before each start and restart: removes what a killed predecessor left behind. */
  prepare?(): Promise<void>;
  /** How long the part may take to become ready. Default 60,000 ms. */
  readyTimeoutMs?: number;
  /** Asks for an ordered stop. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** How long an ordered stop may take before SIGKILL. Default 10,000 ms. */
  graceMs?: number;
  backoff?: Partial<BackoffOptions>;
}

export interface BackoffOptions {
  firstMs: number;
  maxMs: number;
  /** A run at least this long makes the next crash the first one again. */
  quietMs: number;
}

export interface ProcessStatus {
  name: string;
  state: ProcessState;
  /** Since when it is in this state, milliseconds since the epoch. */
  since: number;
  pid: number | undefined;
  /** Starts after the first. */
  restarts: number;
  /** How the last run ended, such as "code 1" or "signal SIGKILL". */
  lastExit: string | undefined;
}

const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 200, maxMs: 10_000, quietMs: 60_000 };
const PROBE_INTERVAL_MS = 100;
/** A part that ends before it was ever ready is started once more, then given up. */
const FIRST_STARTS = 2;

/** The wait before the n-th restart in a row (n from 1): doubling, from 0.2 s to 10 s by default. */
export function backoffMs(n: number, options: BackoffOptions = DEFAULT_BACKOFF): number {
  return Math.min(options.maxMs, options.firstMs * 2 ** (n - 1));
}

interface Run {
  child: ChildProcess;
  exited: Promise<string>;
}

/**
 * A child process that is kept alive: started, probed until it is ready, started again with growing pauses when it
 * ends by itself. It runs in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor, which
 * then stops the parts in order.
 *
 * Emits `state` with a {@link ProcessStatus} at each change, and `spawned` with the pid.
 */
export class SupervisedProcess extends EventEmitter<{
  state: [ProcessStatus];
  spawned: [number];
  exited: [number];
}> {
  readonly log: LogFile;
  private current: Run | undefined;
  private stopRequest = new AbortController();
  private loop: Promise<void> | undefined;
  private crashes = 0;
  private status: ProcessStatus;

  constructor(readonly spec: ProcessSpec) {
    super();
    this.log = new LogFile(spec.logFile);
    this.status = {
      name: spec.name,
      state: 'stopped',
      since: Date.now(),
      pid: undefined,
      restarts: 0,
      lastExit: undefined,
    };
  }

  get name(): string {
    return this.spec.name;
  }

  get pid(): number | undefined {
    return this.status.pid;
  }

  snapshot(): ProcessStatus {
    return { ...this.status };
  }

  /**
   * Resolves when the part is ready for the first time; from then on it is supervised.
   *
   * @throws StackError when it ends, or does not become ready in time; it is not running then
   */
  async start(): Promise<void> {
    if (this.loop) throw new Error(`starting ${this.name}: it is started already`);
    this.stopRequest = new AbortController();
    await this.firstStart();
    this.loop = this.supervise();
  }

  /** Ordered stop: asks, waits for the grace time, then kills. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const wasRunning = this.current !== undefined;
    if (wasRunning && !this.stopRequest.signal.aborted) this.enter('stopping');
    this.stopRequest.abort();
    await this.end();
    await this.loop;
    this.loop = undefined;
    if (this.status.state !== 'failed') this.enter('stopped', { pid: undefined });
  }

  /** Sends a signal to the running process, as tests of recovery do. The supervisor treats its end as a crash. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.current?.child.kill(signal);
  }

  /** Ends it at once and for good, without waiting. For a second Ctrl-C. */
  killNow(): void {
    this.stopRequest.abort();
    this.current?.child.kill('SIGKILL');
  }

  /** Resolves when the state is (or becomes) this one. */
  async until(state: ProcessState): Promise<void> {
    if (this.status.state === state) return;
    await new Promise<void>((resolve) => {
      const listener = (status: ProcessStatus): void => {
        if (status.state !== state) return;
        this.off('state', listener);
        resolve();
      };
      this.on('state', listener);
    });
  }

  private async firstStart(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const problem = await this.launch();
      if (problem === undefined) return;
      await this.end();
      if (this.stopRequest.signal.aborted)
        throw new StackError(`Starting ${this.name} was interrupted.`, 130);
      if (attempt >= FIRST_STARTS) {
        this.enter('failed', { pid: undefined });
        throw new StackError(`Starting ${this.name}: ${problem}.${this.lastWords()}`);
      }
      this.status.restarts++;
      await this.pause(backoffMs(attempt, this.backoff()));
    }
  }

  /** From ready to stopped: waits for the end of each run, then starts the next. */
  private async supervise(): Promise<void> {
    while (!this.stopRequest.signal.aborted) {
      if (this.current) await this.current.exited;
      this.current = undefined;
      if (this.stopRequest.signal.aborted) return;
      if (this.status.state === 'running' && Date.now() - this.status.since >= this.backoff().quietMs)
        this.crashes = 0;
      this.crashes++;
      this.enter('backoff', { pid: undefined });
      await this.pause(backoffMs(this.crashes, this.backoff()));
      if (this.stopRequest.signal.aborted) return;
      this.status.restarts++;
      if ((await this.launch()) !== undefined) await this.end();
    }
  }

  /** Starts the process and waits until it is ready. @returns what went wrong, if anything did */
  private async launch(): Promise<string | undefined> {
    this.enter('starting', { pid: undefined });
    let run: Run;
    try {
      await this.spec.prepare?.();
      if (this.stopRequest.signal.aborted) return 'it was stopped';
      run = this.spawn();
    } catch (error) {
      if (!(error instanceof StackError) || this.status.restarts > 0) return messageOf(error);
      await this.end();
      this.enter('failed', { pid: undefined });
      throw error;
    }
    const settled = new AbortController();
    const problem = await Promise.race([
      this.untilReady(settled.signal),
      run.exited.then((how) => `it ended with ${how}`),
    ]);
    settled.abort();
    if (problem === undefined) this.enter('running');
    return problem;
  }

  private spawn(): Run {
    const { command, args, env, cwd, uid, gid } = this.spec;
    this.log.rotate();
    const output = this.log.open();
    const child = spawn(command, args, {
      env,
      cwd,
      uid,
      gid,
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`));
    }).then((how) => {
      this.status.lastExit = how;
      if (child.pid !== undefined) this.emit('exited', child.pid);
      return how;
    });
    this.current = { child, exited };
    this.status.pid = child.pid;
    if (child.pid !== undefined) this.emit('spawned', child.pid);
    return this.current;
  }

  private async untilReady(settled: AbortSignal): Promise<string | undefined> {
    const limit = this.spec.readyTimeoutMs ?? 60_000;
    const deadline = Date.now() + limit;
    let last = 'it did not answer';
    while (!settled.aborted) {
      if (this.stopRequest.signal.aborted) return 'it was stopped';
      try {
        await this.spec.probe();
        return undefined;
      } catch (error) {
        last = messageOf(error);
      }
      if (Date.now() > deadline) return `it was not ready after ${limit / 1000} s (${last})`;
      await delay(PROBE_INTERVAL_MS);
    }
    return last;
  }

  private async end(): Promise<void> {
    const run = this.current;
    if (!run) return;
    run.child.kill(this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => run.child.kill('SIGKILL'), this.spec.graceMs ?? 10_000);
    await run.exited;
    clearTimeout(timer);
    if (this.current === run) this.current = undefined;
  }

  private pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.stopRequest.signal }).catch(() => undefined);
  }

  private backoff(): BackoffOptions {
    return { ...DEFAULT_BACKOFF, ...this.spec.backoff };
  }

  private lastWords(): string {
    const line = this.log.tail(1)[0];
    return line
      ? ` The last line of ${this.log.path}: ${plain(line).slice(0, 300)}`
      : ` Its log ${this.log.path} is empty.`;
  }

  private enter(state: ProcessState, change: Partial<ProcessStatus> = {}): void {
    this.status = { ...this.status, ...change, state, since: Date.now() };
    this.emit('state', this.snapshot());
  }
}

/** Our own apps log JSON; its message is what a person wants to read. */
function plain(line: string): string {
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === 'string' ? msg : line.trim();
  } catch {
    return line.trim();
  }
}
