import { createColors } from 'picocolors';

export type Colours = ReturnType<typeof createColors>;

/** Where a command writes: a terminal, a pipe, or a test's buffer. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

/** How a command wants to end when it is not asked politely. */
export interface Lifecycle {
  /** Called before the process is left at a second Ctrl-C. Must not wait for anything. */
  endAtOnce: (() => void) | null;
  /** True for a command that goes on when nobody reads its output any more. */
  outlivesItsReader: boolean;
}

/** Everything outside of the process that a command touches, so that tests can stand in for it. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: Output;
  stderr: Output;
  /** Milliseconds since the epoch. */
  now(): number;
  fetch: typeof fetch;
  colours: Colours;
  /** Aborted by Ctrl-C and SIGTERM. A command that wants an ordered end listens to it. */
  signal: AbortSignal;
  lifecycle: Lifecycle;
}

/** Width to which screens are laid out, whatever the terminal offers beyond it. */
export const WIDTH = 100;

/** Colour on a terminal, unless NO_COLOR (https://no-color.org) is set or the terminal is dumb. */
export function wantsColour(env: NodeJS.ProcessEnv, output: Pick<Output, 'isTTY'>): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return output.isTTY && env.TERM !== 'dumb';
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? WIDTH;
    },
  };
}

/** The context of this process. */
export function processContext(signal: AbortSignal): CliContext {
  const stdout = outputOf(process.stdout);
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout,
    stderr: outputOf(process.stderr),
    now: Date.now,
    fetch,
    colours: createColors(wantsColour(process.env, stdout)),
    signal,
    lifecycle: { endAtOnce: null, outlivesItsReader: false },
  };
}

/** Writes text and ends its line. */
export function print(output: Output, text: string): void {
  output.write(`${text}\n`);
}

/** Writes a value as indented JSON. */
export function printJson(output: Output, value: unknown): void {
  print(output, JSON.stringify(value, null, 2));
}
