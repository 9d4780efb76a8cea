import { pino } from 'pino';
import { TopicNames } from '#contracts';
import { SinkRuntime } from '#runtime';
import { createMetrics } from '#telemetry';
import {
  MemoryContext,
  MemoryDeadLetters,
  MemoryJournal,
  batchOf,
  decoder,
  hub,
} from '../../../libs/runtime/sink/sink-doubles';
import { ownStack } from '../../support/stack';
import type { OwnStack } from '../../support/stack';
import { openMart, queryMart, versionsIn } from './mart';

const PRODUCTS = 200;
const VERSIONS = 60;

describe('a mart whose server is killed', () => {
  let own: OwnStack;

  beforeAll(async () => {
    own = await ownStack(['postgres']);
  }, 90_000);

  afterAll(async () => {
    await own.stop();
  }, 60_000);

  it('loses nothing: offsets wait for the rows, and the sink goes on by itself', async () => {
    const url = own.stack.addresses.martUrl;
    const mart = openMart(url);
    const journal = new MemoryJournal();
    const sut = new SinkRuntime({
      name: 'postgres',
      sink: mart,
      entities: ['product'],
      topics: new TopicNames('test'),
      decoder,
      journal,
      openFailures: journal,
      deadLetters: new MemoryDeadLetters(),
      logger: pino({ level: 'silent' }),
      metrics: createMetrics(),
      // Small, so that the kill falls into the middle of many flushes.
      options: { flushRows: 50, maxRecords: 200, commitIntervalMs: 0 },
    });
    await sut.prepare();

    const contexts = [new MemoryContext(), new MemoryContext()];
    const feed = async (partition: number): Promise<void> => {
      for (let version = 1; version <= VERSIONS; version += 1) {
        const shapes = Array.from({ length: PRODUCTS }, (_, i) => ({
          hub: 2 * i + partition,
          version,
          name: 'x',
        }));
        await sut.handle(batchOf(shapes, (version - 1) * PRODUCTS, partition), contexts[partition]!);
      }
    };
    const fed = Promise.all([feed(0), feed(1)]);
    await isTrue(() => contexts.every(({ commits }) => commits.length > 3));
    await own.killAndAwait('postgres');

    // What was committed at the kill is in the table after the restart.
    const committed = contexts.map(({ commits }) => Number(commits.at(-1) ?? 0n));
    const versions = await versionsIn(url, 'product');
    for (const [partition, offset] of committed.entries()) {
      const atLeast = Math.floor(offset / PRODUCTS);
      for (let i = 0; i < PRODUCTS; i += 1) {
        expect(versions.get(hub(2 * i + partition)) ?? 0).toBeGreaterThanOrEqual(atLeast);
      }
    }
    await fed;
    await sut.drain(60_000);
    await mart.close();

    expect(contexts.map(({ commits }) => commits.at(-1))).toEqual([12_000n, 12_000n]);
    const [counts] = await queryMart(
      url,
      'select count(*)::int as rows, min(version)::int as lowest, max(version)::int as highest from product',
    );
    expect(counts).toEqual({ rows: 2 * PRODUCTS, lowest: VERSIONS, highest: VERSIONS });
    expect(journal.opened).toEqual([]);
  }, 120_000);
});

async function isTrue(condition: () => boolean): Promise<void> {
  const until = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > until) throw new Error('waiting for a condition: it has not come true within 30 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
