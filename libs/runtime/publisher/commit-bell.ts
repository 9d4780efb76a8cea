/**
 * Tells publishers in other processes that something was committed, by LISTEN and NOTIFY. The notification is
 * a statement of its own after the commit: inside the commit it would serialise all commits of the database,
 * for PostgreSQL takes one global lock for transactions that notify. A ring that is lost costs a renewal
 * interval, never an event.
 */
import type { Logger } from '#telemetry';
import { Client } from 'pg';

const CHANNEL = 'millrace_outbox';

/** How long the bell waits before it asks a database again that it could not reach. */
const RECONNECT_MS = 1_000;

export class CommitBell {
  /** The one connection that is there or is being made; another one that ends is none of our business. */
  private client: Client | null = null;
  private listening = false;
  private stopped = false;
  private queued = new Set<number>();
  private ringing = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
    private readonly onRing: (shards: readonly number[]) => void,
  ) {}

  /** Connects and listens; keeps reconnecting until it is stopped. */
  async start(): Promise<void> {
    if (this.stopped) return;
    const client = new Client({ connectionString: this.url, application_name: 'millrace-bell' });
    this.client = client;
    client.on('error', () => undefined);
    client.on('end', () => this.reconnect(client));
    client.on('notification', ({ payload }) => this.onRing((payload ?? '').split(',').map(Number)));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.listening = true;
    } catch (error) {
      this.logger.debug({ err: error }, 'listening for commits');
      this.reconnect(client);
    }
  }

  /** Rings without waiting; rings that come while one is under way go together in the next. */
  ring(shards: readonly number[]): void {
    for (const shard of shards) this.queued.add(shard);
    if (!this.ringing) void this.ringQueued();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async ringQueued(): Promise<void> {
    this.ringing = true;
    while (this.queued.size > 0 && this.client && this.listening) {
      const shards = [...this.queued].join(',');
      this.queued.clear();
      await this.client
        .query('select pg_notify($1, $2)', [CHANNEL, shards])
        .catch((error: unknown) => this.logger.debug({ err: error }, 'ringing for a commit'));
    }
    this.queued.clear();
    this.ringing = false;
  }

  /** Called twice for a connection that could not be made, by its error and by its end; only once it counts. */
  private reconnect(lost: Client): void {
    if (this.stopped || this.client !== lost) return;
    this.client = null;
    this.listening = false;
    void lost.end().catch(() => undefined);
    setTimeout(() => void this.start(), RECONNECT_MS).unref();
  }
}
