import { KafkaConfigError, assertEqualPartitions, deadLetterTopicSpec, recordTopicSpec } from '#kafka';
import { LogHarness, record, waitFor } from './harness';

jest.setTimeout(60_000);

describe('admin', () => {
  let harness: LogHarness;
  beforeAll(async () => (harness = await LogHarness.create()));
  afterEach(() => harness.close());
  afterAll(() => harness.dispose());

  test('creates what is missing and leaves alone what is there', async () => {
    const sut = harness.own(await harness.log.admin());
    const specs = [
      recordTopicSpec(`${harness.prefix}.plytix.product`, 3),
      deadLetterTopicSpec(`${harness.prefix}.dead-letter`),
    ];
    await sut.ensureTopics(specs);
    await sut.ensureTopics(specs);
    const own = (await sut.listTopics()).filter(({ name }) => specs.some((spec) => spec.name === name));
    expect(own).toEqual([
      { name: `${harness.prefix}.dead-letter`, partitions: 1 },
      { name: `${harness.prefix}.plytix.product`, partitions: 3 },
    ]);
  });

  test('two processes may create the same topics at once', async () => {
    const [one, other] = await Promise.all([harness.log.admin(), harness.log.admin()]);
    const specs = [recordTopicSpec(`${harness.prefix}.race.product`, 2)];
    await Promise.all([harness.own(one).ensureTopics(specs), harness.own(other).ensureTopics(specs)]);
    expect(await one.topicOffsets(specs[0]!.name)).toHaveLength(2);
  });

  test('a topic with another number of partitions is refused', async () => {
    const topic = await harness.topic(2);
    const sut = harness.own(await harness.log.admin());
    const refused = sut.ensureTopics([recordTopicSpec(topic, 6)]);
    await expect(refused).rejects.toThrow(KafkaConfigError);
    await expect(refused).rejects.toThrow(`checking topic ${topic}: it has 2 partitions instead of 6`);
  });

  test('unequal partitions of topics keyed by product are found in what the broker has', async () => {
    const [even, odd] = [await harness.topic(2), await harness.topic(3)];
    const sut = harness.own(await harness.log.admin());
    const actual = (await sut.listTopics()).filter(({ name }) => name === even || name === odd);
    expect(() => assertEqualPartitions(actual)).toThrow(
      /they must be equal, but there are (2 in .*; 3 in|3 in .*; 2 in) /,
    );
  });

  test('the broker accepts the settings of a topic of records', async () => {
    const sut = harness.own(await harness.log.admin());
    const spec = recordTopicSpec(`${harness.prefix}.settings.product`, 1);
    await sut.ensureTopics([spec]);
    await harness.publish([record(spec.name, 'x'.repeat(1_900_000))]);
    // A commit is answered before the broker has written its marker, which makes the records readable.
    await waitFor('the record', async () => (await sut.topicOffsets(spec.name))[0]!.latest > 0n);
    expect(await sut.topicOffsets(spec.name)).toEqual([{ partition: 0, earliest: 0n, latest: 2n }]);
  });

  test('finds offsets by time, and the end where nothing is younger', async () => {
    const topic = await harness.topic();
    const old = { ...record(topic, 'old'), timestampMs: 1_000_000 };
    await harness.publish([old, { ...record(topic, 'young'), timestampMs: 2_000_000 }]);
    const sut = harness.own(await harness.log.admin());
    await waitFor('records and marker', async () => (await sut.topicOffsets(topic))[0]!.latest === 3n);
    expect(await sut.offsetsAt(topic, 1_500_000)).toEqual([{ partition: 0, offset: 1n }]);
    expect(await sut.offsetsAt(topic, Date.now() + 3_600_000)).toEqual([{ partition: 0, offset: 3n }]);
  });

  test('a group that never committed has no lag figure', async () => {
    const topic = await harness.topic();
    await harness.publish([record(topic, 'one')]);
    expect(await harness.lag(harness.group(), topic)).toEqual([null]);
  });

  test('deleting a topic twice is no error', async () => {
    const topic = await harness.topic();
    const sut = harness.own(await harness.log.admin());
    await sut.deleteTopics([topic]);
    await sut.deleteTopics([topic]);
    expect((await sut.listTopics()).map(({ name }) => name)).not.toContain(topic);
  });

  test('asking about a topic that does not exist is an error at once', async () => {
    const sut = harness.own(await harness.log.admin());
    const unknown = { kind: 'config', code: 'unknown_topic' };
    await expect(sut.topicOffsets('no.such.topic')).rejects.toMatchObject(unknown);
    await expect(sut.groupLag(harness.group(), ['no.such.topic'])).rejects.toMatchObject(unknown);
  });

  test('the plain producer writes each record once', async () => {
    const topic = await harness.topic();
    const producer = harness.own(await harness.log.producer());
    await producer.send([record(topic, 'one'), record(topic, null)]);
    const sut = harness.own(await harness.log.admin());
    expect(await sut.topicOffsets(topic)).toEqual([{ partition: 0, earliest: 0n, latest: 2n }]);
  });
});
