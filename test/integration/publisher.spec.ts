/**
 * Each failure that a comment in `libs/runtime/publisher/shard-publisher.ts` names, on a real Kafka and
 * PostgreSQL: publishers that are stopped at a step until another has taken over, and wake; that are killed; that
 * lose the database; and rings that are lost. The judge is a subscriber that reads at read_committed.
 */
import { TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';
import { PublisherHarness, TIMES } from './publisher-harness';

jest.setTimeout(60_000);

/** Renewals too rare to help: what is published in the meantime was published because somebody rang. */
const RARE = { ttlMs: 180_000, renewMs: 60_000 };

/** A host whose clock stood still as long as itself, as a paused machine's does: it believes in its lease. */
const UNSUSPECTING = RARE;

describe('publishing the outbox', () => {
  let sut: PublisherHarness;
  beforeAll(async () => (sut = await PublisherHarness.create()));
  beforeEach(() => sut.begin());
  afterEach(() => sut.end());
  afterAll(() => sut.drop());

  const seen = (partition = 0): string[] => sut.seen.get(partition) ?? [];

  it('publishes rows in the order of their ids, each once, and deletes them', async () => {
    await sut.put(['a1', 'a2']);
    await sut.put(['b1']);
    const { host } = await sut.local('host');
    await sut.untilSeen('b1');
    for (const text of ['c1', 'd1', 'e1']) {
      await sut.put([text]);
      host.ring([0]);
    }
    await sut.untilSeen('e1');
    await sut.untilPublished();
    expect(seen()).toEqual(['a1', 'a2', 'b1', 'c1', 'd1', 'e1']);
  });

  describe('a publisher that is stopped until another has taken over, and wakes', () => {
    it.each([
      ['before it fences its predecessors', 'leased', UNSUSPECTING, false],
      ['before it looks at its lease again', 'fenced', UNSUSPECTING, false],
      ['before its first Kafka transaction', 'rows-read', UNSUSPECTING, false],
      ['within a Kafka transaction', 'sent', UNSUSPECTING, false],
      ['before it deletes what it has published', 'committed', UNSUSPECTING, true],
      ['while it deletes, with the row of its lease locked', 'confirmed', TIMES, true],
    ] as const)(
      'publishes and deletes nothing more: stopped %s',
      async (_when, stopAt, times, hasPublished) => {
        await sut.put(['a1', 'a2']);
        await sut.put(['b1']);
        const zombie = sut.child('zombie', { stopAt, times });
        await zombie.untilStep(stopAt);
        const before = zombie.steps.length;
        if (times === UNSUSPECTING) await sut.expireLeases();

        const successor = await sut.local('successor');
        await sut.untilPublished();
        await sut.put(['c1']);
        await sut.untilPublished();
        // A row that waits while the zombie wakes: it must leave that one alone.
        const { reached, release } = successor.holdAt('rows-read');
        await sut.put(['d1']);
        await reached;
        zombie.wake();
        await zombie.untilStep('ended');
        const after = zombie.steps.slice(before).map(({ step }) => step);
        await zombie.kill();
        release();
        await sut.untilPublished();
        await sut.put(['e1']);
        await sut.untilSeen('e1');

        for (const step of ['rows-read', 'sent', 'committed', 'deleted']) expect(after).not.toContain(step);
        const first = ['a1', 'a2', 'b1'];
        expect(seen()).toEqual([...(hasPublished ? first : []), ...first, 'c1', 'd1', 'e1']);
        expect(await sut.epoch()).toBe(2);
      },
    );

    it('is survived by its successor, whose producer it fences when it wakes', async () => {
      const zombie = sut.child('zombie', { stopAt: 'leased', times: UNSUSPECTING });
      await zombie.untilStep('leased');
      await sut.expireLeases();
      const successor = await sut.local('successor');
      await sut.put(['a1']);
      await sut.untilPublished();
      const { reached, release } = successor.holdAt('sent');
      await sut.put(['b1']);
      await reached;
      zombie.wake();
      await zombie.untilStep('ended');
      expect(zombie.steps.map(({ step }) => step)).toEqual(['leased', 'fenced', 'ended']);
      await zombie.kill();
      release();
      await sut.put(['c1']);
      await sut.untilSeen('c1');
      expect(seen()).toEqual(['a1', 'b1', 'c1']);
      // It has thrown its producer away and fenced in its turn, under the epoch that it had.
      expect(successor.steps.filter((step) => step === 'fenced')).toHaveLength(2);
      expect(await sut.epoch()).toBe(2);
    });
  });

  describe('a publisher that is killed', () => {
    it('within a transaction leaves nothing visible, and the next one publishes the batch once', async () => {
      await sut.put(['a1', 'a2']);
      const killed = sut.child('killed', { stopAt: 'sent' });
      await killed.untilStep('sent');
      await killed.kill();
      await sut.local('successor');
      await sut.untilSeen('a2');
      await sut.put(['b1']);
      await sut.untilSeen('b1');
      expect(seen()).toEqual(['a1', 'a2', 'b1']);
    });

    it('leaves all its shards to the other host within the time of a lease', async () => {
      const killed = sut.child('killed', { shards: 2 });
      await killed.untilStep('fenced', 2);
      await sut.local('other', { shards: 2 });
      await sut.put(['a0'], 0);
      await sut.put(['a1'], 1);
      await sut.untilPublished();
      expect([await sut.epoch(0), await sut.epoch(1)]).toEqual([1, 1]);

      await killed.kill();
      await sut.put(['b0'], 0);
      await sut.put(['b1'], 1);
      await waitFor(
        'both leases to be taken over',
        async () => (await sut.epoch(0)) + (await sut.epoch(1)) === 4,
        { timeoutMs: 4 * TIMES.ttlMs },
      );
      await sut.untilSeen('b0', 0);
      await sut.untilSeen('b1', 1);
      expect([seen(0), seen(1)]).toEqual([
        ['a0', 'b0'],
        ['a1', 'b1'],
      ]);
    });
  });

  it('hands over at once when a host is stopped in order', async () => {
    const leaving = await sut.local('leaving', { times: RARE });
    await sut.put(['a1']);
    leaving.host.ring([0]);
    await sut.untilSeen('a1');
    await sut.local('staying');
    await leaving.host.stop();
    await sut.put(['b1']);
    await sut.untilSeen('b1');
    expect(seen()).toEqual(['a1', 'b1']);
  });

  describe('ids', () => {
    it('publishes a smaller id that becomes visible after a larger one was published', async () => {
      await sut.local('host');
      const slow = await sut.db.client();
      await slow.query('begin');
      await sut.put(['smaller'], 0, slow as never);
      await sut.put(['larger']);
      await sut.untilSeen('larger');
      await slow.query('commit');
      await sut.untilSeen('smaller');
      expect(seen()).toEqual(['larger', 'smaller']);
    });

    it('does not delete a smaller id that becomes visible while a larger one is being published', async () => {
      const { holdAt } = await sut.local('host');
      const { reached, release } = holdAt('sent');
      const slow = await sut.db.client();
      await slow.query('begin');
      await sut.put(['smaller'], 0, slow as never);
      await sut.put(['larger']);
      await reached;
      await slow.query('commit');
      release();
      await sut.untilSeen('smaller');
      expect(seen()).toEqual(['larger', 'smaller']);
    });
  });

  describe('a database that fails while published rows are deleted', () => {
    it.each([
      [
        'the delete is lost',
        'delete from outbox',
        'before the server gets it',
        ['a1', 'a2', 'a1', 'a2', 'b1'],
      ],
      ['its commit is lost', 'commit\0', 'before the server gets it', ['a1', 'a2', 'a1', 'a2', 'b1']],
      [
        'only the answer to its commit is lost',
        'commit\0',
        'before the client gets the answer',
        ['a1', 'a2', 'b1'],
      ],
    ] as const)('begins again under the same epoch when %s', async (_what, text, when, expected) => {
      const { proxy, url } = await TcpProxy.before(sut.db.url);
      try {
        const { host, holdAt } = await sut.local('host', { url });
        const { reached, release } = holdAt('committed');
        await sut.put(['a1', 'a2']);
        await reached;
        proxy.cutAt(text, when);
        release();
        await sut.untilPublished();
        await sut.put(['b1']);
        await sut.untilSeen('b1');
        await sut.untilPublished();
        expect(proxy.isCutPending).toBe(false);
        expect(seen()).toEqual(expected);
        expect(await sut.epoch()).toBe(1);
        await host.stop();
      } finally {
        await proxy.close();
      }
    });
  });

  describe('being woken', () => {
    it('finds a row that nobody rang for, at the renewal of its lease', async () => {
      const { steps } = await sut.local('host');
      await waitFor('the publisher to be idle', () => steps.includes('fenced'));
      await sut.put(['a1']);
      await sut.untilSeen('a1');
    });

    it('is rung for by another process', async () => {
      const { steps } = await sut.local('host', { times: RARE });
      await waitFor('the publisher to be idle', () => steps.includes('fenced'));
      const other = await sut.local('other', { times: RARE });
      await sut.put(['a1']);
      other.host.ring([0]);
      await sut.untilSeen('a1');
    });

    it('listens again after its connection was ended', async () => {
      const { steps } = await sut.local('host', { times: RARE });
      await waitFor('the publisher to be idle', () => steps.includes('fenced'));
      const other = await sut.local('other', { times: RARE });
      const bells = async (): Promise<number[]> =>
        (
          await sut.db.query<{ pid: number }>(
            `select pid from pg_stat_activity where datname = current_database()
             and application_name = 'millrace-bell' and query like 'listen%'`,
          )
        ).map(({ pid }) => pid);
      const ended = await bells();
      expect(ended).toHaveLength(2);
      for (const pid of ended) await sut.db.terminate(pid);
      await waitFor('both to listen again', async () => (await bells()).length === 2);
      await sut.put(['a1']);
      other.host.ring([0]);
      await sut.untilSeen('a1');
    });

    it('asks a database that is away once in a while, not ever more often', async () => {
      const { proxy, url } = await TcpProxy.before(sut.db.url);
      try {
        proxy.refuse();
        // It asks for leases so rarely that what is asked for again and again is the bell's connection.
        const { host } = await sut.local('host', { url, times: RARE });
        const begin = performance.now();
        await waitFor('some attempts', () => proxy.asked >= 5);
        expect(performance.now() - begin).toBeGreaterThan(2_500);
        await host.stop();
      } finally {
        await proxy.close();
      }
    });
  });
});
