import type { LogRecord } from '#kafka';
import { waitFor } from '../kafka/harness';
import { GoldenTopic } from './golden-topic';
import { hubId, queryMart } from './mart';

const productsIn = (url: string) =>
  queryMart<{ hub_id: string; version: string; name: string | null; deleted: boolean }>(
    url,
    'select hub_id, version, name, deleted_at is not null as deleted from product order by hub_id',
  );

describe('the PostgreSQL sink on Kafka', () => {
  let golden: GoldenTopic;

  beforeEach(async () => {
    golden = await GoldenTopic.open();
  }, 60_000);

  afterEach(async () => {
    await golden.close();
  }, 60_000);

  it('brings the mart to the golden records and its group to the end of the topics', async () => {
    const sink = await golden.startSink();
    await golden.publish([
      ...golden.product(1, 1),
      ...golden.product(2, 1, {
        code: 'ST-2',
        name: 'Shirt',
        brand: null,
        'custom.care': { kind: 'string', string: '30°' },
      }),
      ...golden.product(1, 2),
    ]);
    await waitFor('no lag', async () => (await golden.lag()) === 0n);
    await golden.publish(golden.product(2, 2, null));
    await waitFor(
      'the delete',
      async () => (await productsIn(golden.namespace.martUrl))[1]?.deleted === true,
    );
    await sink.stop();
    expect(await productsIn(golden.namespace.martUrl)).toEqual([
      { hub_id: hubId(1), version: '2', name: 'v2', deleted: false },
      { hub_id: hubId(2), version: '2', name: null, deleted: true },
    ]);
    expect(await golden.lag()).toBe(0n);
  }, 60_000);

  it('keeps an undecodable record, lets all others pass, and resolves when a good version comes', async () => {
    const [good] = golden.product(1, 1);
    const bytes = Buffer.from('<html>not avro</html>');
    const broken = { ...golden.product(1, 2)[0]!, value: bytes };
    const sink = await golden.startSink();
    await golden.publish([good!, broken, ...golden.product(2, 1)]);
    await waitFor('no lag', async () => (await golden.lag()) === 0n);

    expect(await productsIn(golden.namespace.martUrl)).toEqual([
      { hub_id: hubId(1), version: '1', name: 'v1', deleted: false },
      { hub_id: hubId(2), version: '1', name: 'v1', deleted: false },
    ]);
    const exceptions = () =>
      golden.hub.pool.query(
        `select class, state, hub_id, record_key, target, original ->> 'value' as value from sync_exception`,
      );
    const exception = { class: 'undecodable', hub_id: hubId(1), record_key: 'ST-1', target: 'postgres' };
    const kept = { ...exception, value: bytes.toString('base64') };
    expect((await exceptions()).rows).toEqual([{ ...kept, state: 'open' }]);
    const [letter] = await readAll(golden, golden.hub.settings.topics.deadLetter, 1);
    expect(letter!.value).toEqual(bytes);
    expect(letter!.headers['__connect.errors.topic']?.toString()).toBe(broken.topic);

    await golden.publish(golden.product(1, 3));
    await waitFor(
      'the exception to be resolved',
      async () => (await exceptions()).rows[0]?.state === 'resolved',
    );
    await sink.stop();
  }, 60_000);

  it('shares the work: members that come and go lose nothing and bring each record to its newest version', async () => {
    const products = Array.from({ length: 60 }, (_, i) => i + 1);
    const publishRounds = async (from: number, to: number): Promise<void> => {
      for (let version = from; version <= to; version += 1) {
        await golden.publish(products.flatMap((number) => golden.product(number, version)));
      }
    };
    const first = await golden.startSink();
    const publishing = publishRounds(1, 30);
    const second = await golden.startSink();
    await waitFor('both to write', async () => (await productsIn(golden.namespace.martUrl)).length === 60);
    await first.stop(0);
    await publishing;
    const third = await golden.startSink();
    await publishRounds(31, 35);
    await waitFor('no lag', async () => (await golden.lag()) === 0n);
    await Promise.all([second.stop(), third.stop()]);
    const rows = await productsIn(golden.namespace.martUrl);
    expect(rows).toEqual(
      products.map((number) => ({ hub_id: hubId(number), version: '35', name: 'v35', deleted: false })),
    );
    expect(await golden.lag()).toBe(0n);
  }, 120_000);
});

async function readAll(golden: GoldenTopic, topic: string, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const subscription = await golden.hub.log.read({ topics: [topic], from: 'earliest' }, async (batch) => {
    records.push(...batch.records);
  });
  await waitFor(`${count} records of ${topic}`, () => records.length >= count);
  await subscription.close();
  return records;
}
