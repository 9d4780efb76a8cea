/**
 * Tells publishers in other processes that something was committed, by LISTEN and NOTIFY. The notification is
 * a statement of its own after the commit: inside the commit it would serialise all commits of the database,
 * for PostgreSQL takes one global lock for transactions that notify. A ring that is lost costs a renewal
 * interval, never an event.
 */
import type { Logger } from '#telemetry';
import { Client } from 'pg';

const CHANNEL = 'millrace_outbox';

export class CommitBell {
  private client: Client | null = null;
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
    client.on('error', () => undefined);
    client.on('end', () => this.reconnect(client));
    client.on('notification', ({ payload }) => this.onRing((payload ?? '').split(',').map(Number)));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.client = client;
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
    while (this.queued.size > 0 && this.client) {
      const shards = [...this.queued].join(',');
      this.queued.clear();
      await this.client
        .query('select pg_notify($1, $2)', [CHANNEL, shards])
        .catch((error: unknown) => this.logger.debug({ err: error }, 'ringing for a commit'));
    }
    this.queued.clear();
    this.ringing = false;
  }

  private reconnect(lost: Client): void {
    if (this.stopped || (this.client !== null && this.client !== lost)) return;
    this.client = null;
    void lost.end().catch(() => undefined);
    setTimeout(() => void this.start(), 1_000).unref();
  }
}
