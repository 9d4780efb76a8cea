import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { BatchExceptionFilter, EventLogServer } from '#kafka';
import type { BatchContext, RecordBatch } from '#kafka';
import { LogHarness, record, waitFor } from './harness';

jest.setTimeout(60_000);

const received: { batch: RecordBatch; context: BatchContext }[] = [];
let failures = 0;

@Controller()
class ProductHandler {
  @EventPattern('products')
  async onBatch(@Payload() batch: unknown, @Ctx() context: unknown): Promise<void> {
    const [records, ctx] = [batch as RecordBatch, context as BatchContext];
    if (failures > 0 && records.records.length > 0) {
      failures -= 1;
      throw new Error('handling products: broken on purpose');
    }
    received.push({ batch: records, context: ctx });
    await ctx.commit(records.nextOffset);
  }
}

@Module({ controllers: [ProductHandler] })
class ProductModule {}

describe('Nest transport', () => {
  let harness: LogHarness;
  beforeAll(async () => (harness = await LogHarness.create()));
  beforeEach(() => {
    received.length = 0;
    failures = 0;
  });
  afterEach(() => harness.close());
  afterAll(() => harness.dispose());

  async function start(topic: string, pattern = 'products') {
    const groupId = harness.group();
    const subscriptions = { [pattern]: { groupId, topics: [topic] } };
    const strategy = new EventLogServer({ log: harness.log, subscriptions });
    const app = await NestFactory.createMicroservice(ProductModule, {
      strategy,
      logger: false,
      abortOnError: false,
    });
    app.useGlobalFilters(new BatchExceptionFilter());
    harness.own(app);
    await app.listen();
    return { app, groupId, strategy };
  }

  test('a handler gets whole batches, tombstones included, and commits them', async () => {
    const topic = await harness.topic();
    await harness.publish([record(topic, 'state'), record(topic, null)]);
    const { groupId } = await start(topic);
    await waitFor('the batch', () => received.length > 0);
    const [{ batch }] = received as [(typeof received)[number]];
    expect(batch).toMatchObject({ topic, partition: 0, nextOffset: 3n });
    expect(
      batch.records.map(({ key, value }) => [String(key), value === null ? null : String(value)]),
    ).toEqual([
      ['key', 'state'],
      ['key', null],
    ]);
    await waitFor('no lag', async () => (await harness.lag(groupId, topic))[0] === 0n);
  });

  test('a handler that rejects gets the same batch again, and nothing is committed meanwhile', async () => {
    const topic = await harness.topic();
    failures = 2;
    const { groupId } = await start(topic);
    await harness.publish([record(topic, 'state')]);
    await waitFor('both failures', () => failures === 0);
    expect(await harness.lag(groupId, topic)).toEqual([null]);
    await waitFor('the batch', () => received.some(({ batch }) => batch.records.length === 1));
    await waitFor('no lag', async () => (await harness.lag(groupId, topic))[0] === 0n);
  });

  test('the group has the name that was given, without a postfix', async () => {
    const { groupId } = await start(await harness.topic());
    const admin = harness.own(await harness.log.admin());
    expect(await admin.listGroups()).toContain(groupId);
  });

  test('a subscription without a handler is refused at start', async () => {
    const topic = await harness.topic();
    await expect(start(topic, 'variants')).rejects.toThrow(
      /starting (handler products|subscription variants)/,
    );
  });

  test('closing the app leaves the group', async () => {
    const topic = await harness.topic();
    const { app, groupId, strategy } = await start(topic);
    const { ended } = strategy.subscription('products');
    await app.close();
    await ended;
    await harness.publish([record(topic, 'late')]);
    const again = await start(topic);
    expect(again.groupId).not.toBe(groupId);
    await waitFor('the record', () => received.length > 0);
  });
});
