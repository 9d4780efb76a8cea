import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { messageOf } from './stack-error';

export interface CommandResult {
  /** undefined when the program could not be started at all, or was ended by a signal. */
  code: number | undefined;
  /** stdout and stderr in the order in which they came. */
  output: string;
}

/** Runs a short-lived program to its end. Never rejects: what went wrong is in the result. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.once('error', (error) => resolve({ code: undefined, output: messageOf(error) }));
    child.once('close', (code) => resolve({ code: code ?? undefined, output }));
  });
}
