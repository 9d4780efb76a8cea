/** A network between a client and a server that can be cut, stalled and taken away. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

interface Pair {
  client: Socket;
  server: Socket;
}

/** Whether the server still gets what the client sent last before the connection is cut. */
export type Cut = 'before the server gets it' | 'before the client gets the answer';

export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private cut: { text: Buffer; when: Cut } | null = null;
  private refusing = false;
  /** Connections that clients have asked for, refused ones among them. */
  asked = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {}

  /** Listens on a free port of this machine and forwards to `target`. */
  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => proxy.accept(client));
    return proxy;
  }

  /** A proxy in front of the server of a URL, and the URL that leads through it. */
  static async before(url: string): Promise<{ proxy: TcpProxy; url: string }> {
    const through = new URL(url);
    const proxy = await TcpProxy.start({ host: through.hostname, port: Number(through.port) });
    through.host = `127.0.0.1:${proxy.port}`;
    return { proxy, url: through.toString() };
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts the connection, once, on which a client sends `text` next. */
  cutAt(text: string, when: Cut): void {
    this.cut = { text: Buffer.from(text), when };
  }

  /** True as long as the cut that was ordered has not happened. */
  get isCutPending(): boolean {
    return this.cut !== null;
  }

  /** Nothing passes any more, but nobody is told: a dead network. */
  stall(): void {
    for (const { client, server } of this.pairs) {
      client.pause();
      server.pause();
    }
  }

  /** Cuts all connections; new ones are cut as soon as they are made. */
  refuse(): void {
    this.refusing = true;
    for (const pair of this.pairs) this.end(pair);
  }

  /** The end of `stall` and `refuse`. */
  resume(): void {
    this.refusing = false;
    for (const { client, server } of this.pairs) {
      client.resume();
      server.resume();
    }
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    this.asked += 1;
    client.on('error', () => undefined);
    if (this.refusing) return void client.destroy();
    const pair: Pair = { client, server: connect(this.target) };
    this.pairs.add(pair);
    pair.server.on('error', () => undefined);
    client.on('data', (bytes) => this.forward(pair, bytes));
    pair.server.on('data', (bytes) => client.write(bytes));
    client.on('close', () => this.end(pair));
    pair.server.on('close', () => this.end(pair));
  }

  private forward(pair: Pair, bytes: Buffer): void {
    const { cut } = this;
    if (!cut || !bytes.includes(cut.text)) return void pair.server.write(bytes);
    this.cut = null;
    if (cut.when === 'before the server gets it') return this.end(pair);
    // The answer proves that the server has done it; nobody gets it.
    pair.server.removeAllListeners('data');
    pair.server.once('data', () => this.end(pair));
    pair.server.write(bytes);
  }

  private end(pair: Pair): void {
    this.pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
