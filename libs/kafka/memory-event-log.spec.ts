import type { BatchContext, ProducerRecord } from './event-log';
import { ProducerFencedError } from './faults';
import { MemoryEventLog } from './memory-event-log';
import { recordTopicSpec } from './topics';

const record = (value: string, partition = 0): ProducerRecord => ({
  topic: 'topic',
  partition,
  key: null,
  value: Buffer.from(value),
  headers: {},
  timestampMs: 1,
});

async function newLog(): Promise<MemoryEventLog> {
  const log = new MemoryEventLog();
  await (await log.admin()).ensureTopics([recordTopicSpec('topic', 2)]);
  return log;
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

describe('event log in memory', () => {
  test('a transaction is seen when it is committed, and not when it is aborted', async () => {
    const sut = await newLog();
    const producer = await sut.transactionalProducer('id');
    const aborted = await producer.begin();
    await aborted.send([record('aborted')]);
    await aborted.abort();
    const committed = await producer.begin();
    await committed.send([record('committed')]);
    expect(sut.records('topic')).toEqual([]);
    await committed.commit();
    expect(sut.records('topic').map(({ value }) => String(value))).toEqual(['committed']);
  });

  test('a fenced producer cannot commit', async () => {
    const sut = await newLog();
    const zombie = await (await sut.transactionalProducer('id')).begin();
    await (await sut.transactionalProducer('id')).fence();
    await expect(zombie.commit()).rejects.toThrow(ProducerFencedError);
  });

  test('a failure on order may have taken effect or not', async () => {
    const sut = await newLog();
    const producer = await sut.producer();
    sut.failNext('send', new Error('refused'));
    await expect(producer.send([record('lost')])).rejects.toThrow('refused');
    sut.failNext('send', new Error('answer lost'), true);
    await expect(producer.send([record('kept')])).rejects.toThrow('answer lost');
    expect(sut.records('topic').map(({ value }) => String(value))).toEqual(['kept']);
  });

  test('a rejected batch comes again, and a rebalance goes back to what was committed', async () => {
    const sut = await newLog();
    const seen: string[] = [];
    const contexts: BatchContext[] = [];
    let failing = true;
    const subscription = await sut.consume({ groupId: 'g', topics: ['topic'] }, async (batch, context) => {
      if (failing) {
        failing = false;
        throw new Error('handling: broken on purpose');
      }
      contexts.push(context);
      seen.push(...batch.records.map(({ value }) => String(value)));
    });
    await (await sut.producer()).send([record('one'), record('two', 1)]);
    await turns();
    expect(seen).toEqual(['one', 'two']);

    await contexts[0]!.commit(1n);
    sut.rebalance('g');
    await turns();
    expect(seen).toEqual(['one', 'two', 'two']);
    expect(contexts.map((context) => context.isStale())).toEqual([true, true, false]);
    await expect(contexts[1]!.commit(1n)).rejects.toMatchObject({ code: 'stale_batch' });
    await subscription.close();
  });
});
