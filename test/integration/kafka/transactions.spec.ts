import { ProducerFencedError } from '#kafka';
import { LogHarness, record, texts, waitFor } from './harness';

jest.setTimeout(60_000);

describe('transactional producer', () => {
  let harness: LogHarness;
  beforeAll(async () => (harness = await LogHarness.create()));
  afterEach(() => harness.close());
  afterAll(() => harness.dispose());

  test('what was aborted is never seen, what was committed after it is', async () => {
    const topic = await harness.topic();
    const sut = harness.own(await harness.log.transactionalProducer(harness.group()));
    const aborted = await sut.begin();
    await aborted.send([record(topic, 'aborted')]);
    await aborted.abort();
    const committed = await sut.begin();
    await committed.send([record(topic, 'committed')]);
    await committed.commit();

    const seen = await harness.collect(topic);
    await waitFor('the committed record', () => seen.records.length > 0);
    expect(texts(seen.records)).toEqual(['committed']);
  });

  test('what is not committed yet is not seen', async () => {
    const topic = await harness.topic();
    const sut = harness.own(await harness.log.transactionalProducer(harness.group()));
    const transaction = await sut.begin();
    await transaction.send([record(topic, 'open')]);
    const seen = await harness.collect(topic);
    await harness.publish([record(await harness.topic(), 'elsewhere')]);
    expect(seen.records).toEqual([]);

    await transaction.commit();
    await waitFor('the record', () => seen.records.length === 1);
  });

  test('a producer that was fenced cannot commit, and what it sent stays invisible', async () => {
    const topic = await harness.topic();
    const id = harness.group();
    const zombie = harness.own(await harness.log.transactionalProducer(id));
    const transaction = await zombie.begin();
    await transaction.send([record(topic, 'from the zombie')]);

    const sut = harness.own(await harness.log.transactionalProducer(id));
    await sut.fence();

    await expect(transaction.commit()).rejects.toThrow(ProducerFencedError);
    await expect(zombie.begin()).rejects.toThrow(/failed before/);
    const next = await sut.begin();
    await next.send([record(topic, 'from the successor')]);
    await next.commit();
    const seen = await harness.collect(topic);
    await waitFor('the record of the successor', () => seen.records.length > 0);
    expect(texts(seen.records)).toEqual(['from the successor']);
  });

  test('a producer that was fenced cannot send either', async () => {
    const topic = await harness.topic();
    const id = harness.group();
    const zombie = harness.own(await harness.log.transactionalProducer(id));
    await (await zombie.begin()).commit();
    const sut = harness.own(await harness.log.transactionalProducer(id));
    await sut.fence();

    const transaction = await zombie.begin();
    await expect(transaction.send([record(topic, 'late')])).rejects.toThrow(ProducerFencedError);
  });

  test('a transaction larger than a record batch arrives whole, in order, in several batches', async () => {
    const topic = await harness.topic();
    const text = 'x'.repeat(100_000);
    const sent = Array.from({ length: 30 }, (_, index) => `${index} ${text}`);
    await harness.publish(sent.map((value) => record(topic, value)));

    const seen = await harness.collect(topic);
    await waitFor('thirty records', () => seen.records.length === sent.length);
    expect(texts(seen.records)).toEqual(sent);
  });

  test('a record that the topic does not accept is refused as too large', async () => {
    const topic = await harness.topic();
    const sut = harness.own(await harness.log.transactionalProducer(harness.group()));
    const transaction = await sut.begin();
    const tooLarge = record(topic, 'x'.repeat(2_000_000));
    await expect(transaction.send([tooLarge])).rejects.toMatchObject({
      kind: 'rejected',
      code: 'MESSAGE_TOO_LARGE',
    });
  });

  test('transactions follow each other without the pause of a general retry', async () => {
    const topic = await harness.topic();
    const sut = harness.own(await harness.log.transactionalProducer(harness.group()));
    await sut.fence();
    const startMs = Date.now();
    for (let index = 0; index < 20; index += 1) {
      const transaction = await sut.begin();
      await transaction.send([record(topic, String(index))]);
      await transaction.commit();
    }
    // With kafkajs' default of 300 ms for a retry these take six seconds.
    expect(Date.now() - startMs).toBeLessThan(3_000);
  });

  test('records keep partition, key, value, headers and time', async () => {
    const topic = await harness.topic(3);
    const sent = { ...record(topic, null, 2), headers: { text: 'ä', bytes: Buffer.from([0, 255]) } };
    await harness.publish([sent]);
    const seen = await harness.collect(topic);
    await waitFor('the record', () => seen.records.length === 1);
    expect(seen.batches.at(-1)?.partition).toBe(2);
    expect(seen.records[0]).toEqual({
      key: Buffer.from('key'),
      value: null,
      headers: { text: Buffer.from('ä'), bytes: Buffer.from([0, 255]) },
      offset: 0n,
      timestampMs: sent.timestampMs,
    });
  });
});
