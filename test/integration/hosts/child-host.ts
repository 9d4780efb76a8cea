/** The test's side of `publisher-host.ts`: starts it, hears its steps, stops and wakes it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../libs/stack';
import { waitFor } from '../../support/wait-for';
import { HostStep } from './publisher-host';
import type { HostConfig } from './publisher-host';

const PROGRAM = join(packageRoot(), 'dist', 'test', 'integration', 'hosts', 'publisher-host.js');

export class ChildHost {
  readonly steps: HostStep[] = [];
  private complaint = '';

  private constructor(private readonly process: ChildProcess) {
    createInterface({ input: process.stdout! }).on('line', (line) => {
      this.steps.push(HostStep.parse(JSON.parse(line)));
    });
    process.stderr!.on('data', (bytes: Buffer) => (this.complaint += bytes.toString()));
  }

  static start(config: HostConfig): ChildHost {
    if (!existsSync(PROGRAM)) throw new Error(`starting a publisher host: run "npm run build" first`);
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ChildHost(child);
  }

  /** Resolves when it has come to this step, so many times. Rejects if the process ends before. */
  async untilStep(step: string, times = 1): Promise<void> {
    await waitFor(`the host to come to step "${step}"`, () => {
      const reached = this.steps.filter((said) => said.step === step).length >= times;
      if (!reached && this.hasEnded) this.fail();
      return reached;
    });
  }

  /** Lets it go on after it has stopped itself. */
  wake(): void {
    this.process.kill('SIGCONT');
  }

  /** SIGKILL, which a stopped process gets too. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }

  private get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private fail(): never {
    throw new Error(`the host has ended: ${this.complaint || this.process.signalCode}`);
  }
}
