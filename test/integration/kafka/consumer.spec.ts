import type { BatchContext, RecordBatch } from '#kafka';
import { LogHarness, record, texts, waitFor } from './harness';

jest.setTimeout(60_000);

describe('consumer', () => {
  let harness: LogHarness;
  beforeAll(async () => (harness = await LogHarness.create()));
  afterEach(() => harness.close());
  afterAll(() => harness.dispose());

  /** Consumes and commits everything at once. */
  async function consumeAll(topic: string, groupId: string) {
    const seen: (string | null)[] = [];
    const batches: RecordBatch[] = [];
    const sut = await harness.log.consume({ groupId, topics: [topic] }, async (batch, context) => {
      batches.push(batch);
      seen.push(...texts(batch.records));
      await context.commit(batch.nextOffset);
    });
    return { seen, batches, sut: harness.own(sut) };
  }

  test('a group begins again where it committed', async () => {
    const topic = await harness.topic();
    const groupId = harness.group();
    await harness.publish([record(topic, 'one'), record(topic, 'two')]);
    const first = await consumeAll(topic, groupId);
    await waitFor('two records', () => first.seen.length === 2);
    await first.sut.close();

    await harness.publish([record(topic, 'three')]);
    const second = await consumeAll(topic, groupId);
    await waitFor('the third record', () => second.seen.length > 0);
    expect(second.seen).toEqual(['three']);
  });

  test('what was handled but not committed comes again to the next member', async () => {
    const topic = await harness.topic();
    const groupId = harness.group();
    await harness.publish([record(topic, 'one')]);
    let handled = 0;
    const careless = await harness.log.consume({ groupId, topics: [topic] }, async ({ records }) => {
      handled += records.length;
    });
    await waitFor('the record', () => handled === 1);
    await careless.close();

    const second = await consumeAll(topic, groupId);
    await waitFor('the record again', () => second.seen.length > 0);
    expect(second.seen).toEqual(['one']);
  });

  test('transaction markers leave no lag, not even after a transaction that was aborted', async () => {
    const topic = await harness.topic();
    const groupId = harness.group();
    const { seen, batches } = await consumeAll(topic, groupId);
    await harness.publish([record(topic, 'one')]);
    await waitFor('the record', () => seen.length === 1);
    await waitFor('no lag', async () => (await harness.lag(groupId, topic))[0] === 0n);

    const producer = harness.own(await harness.log.transactionalProducer(harness.group()));
    const transaction = await producer.begin();
    await transaction.send([record(topic, 'never')]);
    await transaction.abort();
    await waitFor('no lag', async () => (await harness.lag(groupId, topic))[0] === 0n);
    expect(seen).toEqual(['one']);
    // One record and its marker, the aborted record and its marker.
    expect(batches.at(-1)).toMatchObject({ records: [], nextOffset: 4n });
  });

  test('a handler that fails gets the same records again, and other partitions do not wait for it', async () => {
    const topic = await harness.topic(2);
    const seen: string[] = [];
    let failures = 0;
    await harness.publish([record(topic, 'broken', 0), record(topic, 'fine', 1)]);
    const sut = await harness.log.consume(
      { groupId: harness.group(), topics: [topic] },
      async ({ partition, records, nextOffset }, context) => {
        if (partition === 0 && records.length > 0 && failures < 3) {
          failures += 1;
          throw new TypeError('handling: broken on purpose');
        }
        seen.push(...records.map(({ value }) => String(value)));
        await context.commit(nextOffset);
      },
    );
    harness.own(sut);
    await waitFor('both records', () => seen.length === 2);
    expect(failures).toBe(3);
    expect(seen).toEqual(['fine', 'broken']);
  });

  test('a commit works after the handler has returned, as a sink does that writes in the background', async () => {
    const topic = await harness.topic();
    const groupId = harness.group();
    const later: { batch: RecordBatch; context: BatchContext }[] = [];
    const sut = await harness.log.consume({ groupId, topics: [topic] }, async (batch, context) => {
      later.push({ batch, context });
    });
    harness.own(sut);
    await harness.publish([record(topic, 'one')]);
    await waitFor('the batch', () => later.length > 0);
    await harness.publish([record(topic, 'two')]);
    await waitFor('the next batch', () => later.length > 1);
    expect(await harness.lag(groupId, topic)).toEqual([null]);

    const { batch, context } = later.at(-1)!;
    expect(context.isStale()).toBe(false);
    await context.commit(batch.nextOffset);
    await waitFor('no lag', async () => (await harness.lag(groupId, topic))[0] === 0n);
  });

  test('a seek makes batches in flight void and reads from the given offset', async () => {
    const topic = await harness.topic();
    await harness.publish([record(topic, 'one'), record(topic, 'two')]);
    const seen: (string | null)[] = [];
    const contexts: BatchContext[] = [];
    const sut = await harness.log.consume(
      { groupId: harness.group(), topics: [topic] },
      async (batch, context) => {
        seen.push(...texts(batch.records));
        contexts.push(context);
      },
    );
    harness.own(sut);
    await waitFor('both records', () => seen.length === 2);

    sut.seek(topic, 0, 1n);
    expect(contexts[0]!.isStale()).toBe(true);
    await expect(contexts[0]!.commit(2n)).rejects.toThrow(/taken away or moved/);
    await waitFor('the second record again', () => seen.length === 3);
    expect(seen).toEqual(['one', 'two', 'two']);
    expect(contexts.at(-1)!.isStale()).toBe(false);
  });

  test('a paused partition is not read until it is resumed, the other one is', async () => {
    const topic = await harness.topic(2);
    const { seen, sut } = await consumeAll(topic, harness.group());
    sut.pause(topic, [0]);
    await harness.publish([record(topic, 'paused', 0), record(topic, 'running', 1)]);
    await waitFor('the running partition', () => seen.includes('running'));
    await harness.publish([record(topic, 'still running', 1)]);
    await waitFor('the running partition', () => seen.includes('still running'));
    expect(seen).toEqual(['running', 'still running']);

    sut.resume(topic, [0]);
    await waitFor('the paused partition', () => seen.includes('paused'));
  });

  test('closing waits for the handler, which may still commit, and asks it to stop', async () => {
    const topic = await harness.topic();
    const groupId = harness.group();
    await harness.publish([record(topic, 'one')]);
    let started = false;
    const sut = await harness.log.consume({ groupId, topics: [topic] }, async (batch, context) => {
      started = true;
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
      await context.commit(batch.nextOffset);
    });
    await waitFor('the handler', () => started);
    const startMs = Date.now();
    await sut.close();
    await sut.ended;
    expect(Date.now() - startMs).toBeLessThan(5_000);
    expect(await harness.lag(groupId, topic)).toEqual([0n]);
  });

  test('a topic that does not exist is an error, not something to wait for', async () => {
    const consuming = harness.log.consume(
      { groupId: harness.group(), topics: ['no.such.topic'] },
      async () => undefined,
    );
    await expect(consuming).rejects.toMatchObject({ kind: 'config', code: 'unknown_topic' });
  });

  test('a reader from the end sees all that is written after it was opened, and leaves no group', async () => {
    const topic = await harness.topic();
    await harness.publish([record(topic, 'before')]);
    const seen: (string | null)[] = [];
    const sut = await harness.log.read({ topics: [topic], from: 'latest' }, async ({ records }) => {
      seen.push(...texts(records));
    });
    await harness.publish([record(topic, 'after')]);
    await waitFor('the record', () => seen.length > 0);
    expect(seen).toEqual(['after']);
    await sut.close();
    const admin = harness.own(await harness.log.admin());
    expect((await admin.listGroups()).filter((group) => group.startsWith(`${harness.prefix}.read.`))).toEqual(
      [],
    );
  });
});
