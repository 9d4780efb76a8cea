import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFree, PortBook } from './ports';

const directory = mkdtempSync(join(tmpdir(), 'millrace-ports-'));
const file = join(directory, 'ports.json');
let server: Server | undefined;

afterEach(async () => {
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
  rmSync(file, { force: true });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function occupy(port: number): Promise<number> {
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a book of ports', () => {
  it('gives a free port, and the same one after a restart', async () => {
    const port = await new PortBook(file).claim('kafka');
    expect(await isFree(port)).toBe(true);
    expect(await new PortBook(file).claim('kafka')).toBe(port);
  });

  it('gives different names different ports', async () => {
    const sut = new PortBook(file);
    expect(await sut.claim('kafka')).not.toBe(await sut.claim('registry'));
  });

  it('replaces a remembered port that somebody else has taken', async () => {
    const port = await new PortBook(file).claim('kafka');
    await occupy(port);
    const other = await new PortBook(file).claim('kafka');
    expect(other).not.toBe(port);
    expect(await new PortBook(file).claim('kafka')).toBe(other);
  });

  it('names the variable of a fixed port that is taken, and the remedy', async () => {
    const port = await occupy(0);
    await expect(
      new PortBook(file).claim('kafka', { variable: 'MILLRACE_KAFKA_PORT', value: String(port) }),
    ).rejects.toThrow(
      `Port ${port} (MILLRACE_KAFKA_PORT) is taken by another program. End that program, or unset MILLRACE_KAFKA_PORT to use a free port.`,
    );
  });

  it.each(['kafka', '0', '70000', '12.5'])('refuses "%s" as a fixed port', async (value) => {
    await expect(
      new PortBook(file).claim('kafka', { variable: 'MILLRACE_KAFKA_PORT', value }),
    ).rejects.toThrow(`MILLRACE_KAFKA_PORT is "${value}", which is not a port.`);
  });
});
