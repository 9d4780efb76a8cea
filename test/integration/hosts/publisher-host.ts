/**
 * A process that hosts publishers, for tests that stop (SIGSTOP) or kill it. Says each step as a line of JSON;
 * at the step that it was told it stops itself, once.
 * `node dist/test/integration/hosts/publisher-host.js '{"databaseUrl":…,"brokers":[…],…}'`
 */
import { pino } from 'pino';
import { z } from 'zod';
import { TopicNames } from '#contracts';
import { KafkajsEventLog } from '#kafka';
import { PublisherHost } from '#runtime';
import { createPool } from '#store';

export const HostConfig = z.object({
  databaseUrl: z.string(),
  brokers: z.array(z.string()).min(1),
  topicPrefix: z.string(),
  shards: z.number(),
  holder: z.string(),
  ttlMs: z.number(),
  renewMs: z.number(),
  stopAt: z.string().optional(),
});
export type HostConfig = z.infer<typeof HostConfig>;

/** A line of the process's output. */
export const HostStep = z.object({ step: z.string(), ids: z.array(z.string()) });
export type HostStep = z.infer<typeof HostStep>;

async function main(): Promise<void> {
  const config = HostConfig.parse(JSON.parse(process.argv[2] ?? 'null'));
  const { holder, shards, databaseUrl, brokers, topicPrefix, ttlMs, renewMs } = config;
  const logger = pino({ level: 'silent' });
  const pool = createPool(databaseUrl, { applicationName: holder });
  let { stopAt } = config;
  const host = new PublisherHost({
    pool,
    databaseUrl,
    log: new KafkajsEventLog({ brokers, clientId: holder }, logger),
    topics: new TopicNames(topicPrefix),
    shards,
    holder,
    logger,
    times: { ttlMs, renewMs },
    onStep: (step, rows) => {
      const said: HostStep = { step, ids: rows.map(({ id }) => id) };
      process.stdout.write(`${JSON.stringify(said)}\n`);
      if (step !== stopAt) return;
      stopAt = undefined;
      process.kill(process.pid, 'SIGSTOP');
    },
  });
  await host.start();
}

if (require.main === module) void main();
