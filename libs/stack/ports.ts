import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from './files';
import { StackError } from './stack-error';

const Remembered = z.record(z.string(), z.number().int().min(1).max(65535));

/**
 * New ports come from below the range that operating systems hand out to outgoing connections (32768 and above
 * on Linux, 49152 on macOS). A port from within it can be lost to some client while its server restarts.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Ports of the local stack, remembered by name in a file, so that a restart finds every part where it was.
 * A remembered port that somebody else took in the meantime is replaced; one that the user fixed is not.
 */
export class PortBook {
  private readonly ports: Record<string, number>;

  constructor(private readonly file: string) {
    this.ports = { ...readJson(file, Remembered) };
  }

  /**
   * A free port of 127.0.0.1 for `name`.
   *
   * @param fixed the value of `variable` in the environment, if it is set
   * @throws StackError when the fixed port is not a port or taken
   */
  async claim(name: string, fixed?: { variable: string; value: string | undefined }): Promise<number> {
    const port = fixed?.value
      ? await fixedPort(fixed.variable, fixed.value)
      : await this.rememberedOrNew(name);
    if (this.ports[name] !== port) {
      this.ports[name] = port;
      writeJsonAtomic(this.file, this.ports);
    }
    return port;
  }

  private async rememberedOrNew(name: string): Promise<number> {
    const remembered = this.ports[name];
    if (remembered !== undefined && (await isFree(remembered))) return remembered;
    return freePort(new Set(Object.values(this.ports)));
  }
}

/** A port of 127.0.0.1 that nobody listens on at this moment and that is not in `avoid`. */
export async function freePort(avoid: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!avoid.has(port) && (await isFree(port))) return port;
  }
  throw new StackError(
    `No free port was found between ${LOWEST} and ${HIGHEST}. End what listens there and start again.`,
  );
}

async function fixedPort(variable: string, value: string): Promise<number> {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new StackError(
      `${variable} is "${value}", which is not a port. Set it to a number from 1 to 65535.`,
    );
  }
  if (await isFree(port)) return port;
  throw new StackError(
    `Port ${port} (${variable}) is taken by another program. End that program, or unset ${variable} to use a free port.`,
  );
}

/** True when a server can listen on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
