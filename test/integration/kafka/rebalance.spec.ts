import type { BatchContext, Subscription } from '#kafka';
import { LogHarness, record, waitFor } from './harness';

jest.setTimeout(90_000);

const PARTITIONS = 4;

describe('rebalance', () => {
  let harness: LogHarness;
  beforeAll(async () => (harness = await LogHarness.create()));
  afterEach(() => harness.close());
  afterAll(() => harness.dispose());

  interface Member {
    subscription: Subscription;
    assigned: Map<string, readonly number[]>;
    seen: string[];
    contexts: { context: BatchContext; topic: string; partition: number }[];
  }

  async function join(groupId: string, topics: readonly string[]): Promise<Member> {
    const member: Omit<Member, 'subscription'> = { assigned: new Map(), seen: [], contexts: [] };
    const subscription = await harness.log.consume(
      {
        groupId,
        topics,
        concurrency: 2,
        onAssignment: (assignment) => (member.assigned = new Map(assignment)),
      },
      async ({ topic, partition, records, nextOffset }, context) => {
        member.contexts.push({ context, topic, partition });
        for (const { value } of records) {
          if (context.isStale()) return;
          member.seen.push(String(value));
        }
        await context.commit(nextOffset);
      },
    );
    return Object.assign(member, { subscription: harness.own(subscription) });
  }

  const count = (member: Member): number => [...member.assigned.values()].flat().length;

  test('partition p of every topic goes to the same member', async () => {
    const topics = [await harness.topic(PARTITIONS), await harness.topic(PARTITIONS)];
    const groupId = harness.group();
    const first = await join(groupId, topics);
    const second = await join(groupId, topics);
    await waitFor('two halves', () => count(first) === PARTITIONS && count(second) === PARTITIONS);
    const [one, other] = topics as [string, string];
    expect(first.assigned.get(one)).toEqual(first.assigned.get(other));
    expect(second.assigned.get(one)).toEqual(second.assigned.get(other));
  });

  test('a group that grows and shrinks while records arrive loses none, and commits them all', async () => {
    const topic = await harness.topic(PARTITIONS);
    const groupId = harness.group();
    const sent: string[] = [];
    const publish = async (from: number): Promise<void> => {
      const values = Array.from({ length: 100 }, (_, index) => String(from + index));
      sent.push(...values);
      await harness.publish(values.map((value) => record(topic, value, Number(value) % PARTITIONS)));
    };
    const first = await join(groupId, [topic]);
    await publish(0);
    const [second] = await Promise.all([join(groupId, [topic]), publish(100), publish(200)]);
    await waitFor('two halves', () => count(first) === 2 && count(second) === 2);
    await Promise.all([publish(300), first.subscription.close(), publish(400)]);

    await waitFor('every record', () => new Set([...first.seen, ...second.seen]).size === sent.length);
    await waitFor('no lag', async () => (await harness.lag(groupId, topic)).every((lag) => lag === 0n));
    expect(count(first)).toBe(0);
    expect(count(second)).toBe(PARTITIONS);
  });

  test('what was fetched before the partition was taken away is stale and cannot be committed', async () => {
    const topic = await harness.topic(PARTITIONS);
    const groupId = harness.group();
    const first = await join(groupId, [topic]);
    await harness.publish(Array.from({ length: PARTITIONS }, (_, p) => record(topic, String(p), p)));
    await waitFor('a batch of each partition', () => first.seen.length === PARTITIONS);
    const old = [...first.contexts];
    expect(old.every(({ context }) => !context.isStale())).toBe(true);

    const second = await join(groupId, [topic]);
    await waitFor('two halves', () => count(first) === 2 && count(second) === 2);
    expect(old.every(({ context }) => context.isStale() && context.signal.aborted)).toBe(true);
    await expect(old[0]!.context.commit(0n)).rejects.toMatchObject({ code: 'stale_batch' });
    await expect(old[0]!.context.heartbeat()).rejects.toMatchObject({ code: 'stale_batch' });
  });

  test('a handler that is busy learns of a rebalance through its signal, without asking', async () => {
    const topic = await harness.topic(PARTITIONS);
    const groupId = harness.group();
    let busy: BatchContext | null = null;
    let left = false;
    const sut = await harness.log.consume({ groupId, topics: [topic] }, async (_batch, context) => {
      if (busy !== null) return;
      busy = context;
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
      left = true;
    });
    harness.own(sut);
    await harness.publish([record(topic, 'one')]);
    await waitFor('the handler', () => busy !== null);
    const second = await join(groupId, [topic]);
    await waitFor('the handler to leave', () => left);
    await waitFor('a share of the second member', () => count(second) > 0);
    expect(count(second)).toBe(PARTITIONS / 2);
  });
});
