/** Each failure that a comment in `libs/runtime/commit/commit.ts` names, on a real PostgreSQL. */
import type { Pool } from 'pg';
import { activateRules, confirmLease, lockRulesShared, takeLease } from '#store';
import type { Connection } from '#store';
import { BatchMoved, Committer, LeaseLost } from '#runtime';
import type { CommitterOptions } from '#runtime';
import { SpineDatabase } from '../support/spine-database';
import { TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';
import { outbox, TALLY_TABLES, TallyBatch, versions } from './tally';

jest.setTimeout(30_000);

const hub = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const [one, two, three] = [hub(1), hub(2), hub(3)] as const;
const APP = 'committer';

/** A promise that the test keeps: what waits for it stands still. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('committing a batch', () => {
  let db: SpineDatabase;
  let pool: Pool;
  const committer = (options: Partial<CommitterOptions> = {}, on = pool): Committer =>
    new Committer(on, { shards: 2, ...options });

  beforeAll(async () => {
    db = await SpineDatabase.create();
    await db.query(TALLY_TABLES);
    pool = db.newPool(APP);
  });

  beforeEach(async () => {
    await db.query('truncate tally, tally_link, tally_applied, hub_record, outbox, lease, rules_version');
    // The last first, so that the order of the rows in the table is not that of their ids.
    for (const hubId of [three, two, one])
      await db.query(`insert into hub_record (hub_id, entity) values ($1, 'product')`, [hubId]);
  });

  afterEach(() => db.endClients());
  afterAll(() => db.drop());

  const lock = (hubId: string): string => `select 1 from hub_record where hub_id = '${hubId}' for update`;

  it('writes states and one outbox row for each shard, and tells which shards', async () => {
    const told: number[][] = [];
    const sut = committer({ onCommitted: (shards) => void told.push([...shards].sort()) });
    await sut.commit(new TallyBatch([one, two, three]));
    expect(await versions(db)).toEqual({ [one]: 1, [two]: 1, [three]: 1 });
    expect(await outbox(db)).toEqual([
      [{ shard: 0, hubId: two, version: 1 }],
      [
        { shard: 1, hubId: one, version: 1 },
        { shard: 1, hubId: three, version: 1 },
      ],
    ]);
    expect(told).toEqual([[0, 1]]);
  });

  describe('locks', () => {
    it('takes them sorted, whatever plan PostgreSQL has: two batches that share records cannot deadlock', async () => {
      const byIndex = db.poolWith(APP, { enable_seqscan: 'off', enable_bitmapscan: 'off' });
      const byTable = db.poolWith(APP, { enable_indexscan: 'off', enable_bitmapscan: 'off' });
      const middle = await db.client();
      await middle.query('begin');
      await middle.query(lock(two));
      const [first, second] = [new TallyBatch([one, two, three]), new TallyBatch([three, two, one])];
      const commits = [committer({}, byIndex).commit(first)];
      await db.untilWaiting(APP, 1);
      commits.push(committer({}, byTable).commit(second));
      await db.untilWaiting(APP, 2);
      await middle.query('commit');
      await Promise.all(commits);
      expect([first.runs, second.runs]).toEqual([1, 1]);
      expect([first.cachesDropped, second.cachesDropped]).toEqual([0, 0]);
      expect(await versions(db)).toEqual({ [one]: 2, [two]: 2, [three]: 2 });
    });

    it('runs both batches to their end when their own writes deadlock, each counted once', async () => {
      const quick = db.poolWith(APP, { deadlock_timeout: '50ms' });
      const sut = committer({}, quick);
      const bothHold = [gate(), gate()] as const;
      const crossing = (mine: 0 | 1, rows: readonly [number, number]) =>
        new TallyBatch([hub(mine + 1)], {
          write: async (tx, run) => {
            await tx.query('select pg_advisory_xact_lock($1)', [rows[0]]);
            bothHold[mine].open();
            if (run === 1) await bothHold[mine === 0 ? 1 : 0].opened;
            await tx.query('select pg_advisory_xact_lock($1)', [rows[1]]);
          },
        });
      const [first, second] = [crossing(0, [1, 2]), crossing(1, [2, 1])];
      await Promise.all([sut.commit(first), sut.commit(second)]);
      expect(first.runs + second.runs).toBeGreaterThan(2);
      expect(first.cachesDropped + second.cachesDropped).toBe(first.runs + second.runs - 2);
      expect(await versions(db)).toEqual({ [one]: 1, [two]: 1 });
      expect((await outbox(db)).flat()).toHaveLength(2);
    });

    it('decides on what the former holder committed, not on what it saw before it waited', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(one));
      const batch = new TallyBatch([one]);
      const commit = committer().commit(batch);
      await db.untilWaiting(APP);
      await holder.query('insert into tally values ($1, 7)', [one]);
      await holder.query('commit');
      await commit;
      expect(await versions(db)).toEqual({ [one]: 8 });
      expect(batch.cachesDropped).toBe(0);
    });

    it('dates a batch after what the former holder committed, by the clock of the database', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(one));
      const batch = new TallyBatch([one]);
      const commit = committer().commit(batch);
      await db.untilWaiting(APP);
      const { rows } = await holder.query<{ at: Date }>('select clock_timestamp() as at');
      await holder.query('commit');
      await commit;
      expect(batch.now.getTime()).toBeGreaterThanOrEqual(rows[0]!.at.getTime());
      const [later] = await db.query<{ at: Date }>('select clock_timestamp() as at');
      expect(batch.now.getTime()).toBeLessThanOrEqual(later!.at.getTime());
    });

    it('begins again with the larger set when more is touched than it saw at first, and holds all of it', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(one));
      const other = await db.client();
      const free: string[] = [];
      const batch = new TallyBatch([one], {
        decide: async () => {
          const { rows } = await other.query<{ hub_id: string }>(
            'select hub_id from hub_record order by hub_id for update skip locked',
          );
          free.push(...rows.map(({ hub_id }) => hub_id));
        },
      });
      const commit = committer().commit(batch);
      await db.untilWaiting(APP);
      await holder.query('insert into tally_link values ($1, $2)', [one, two]);
      await holder.query('commit');
      await commit;
      expect(free).toEqual([three]);
      expect(batch.looks).toBe(3);
      expect(await versions(db)).toEqual({ [one]: 1, [two]: 1 });
    });

    it('gives up what it holds before it locks a larger set, so that growing cannot deadlock', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(two));
      const sut = committer();
      const growing = new TallyBatch([two]);
      const commits = [sut.commit(growing)];
      await db.untilWaiting(APP, 1);
      // Holds the first record and waits for the second, behind the batch that is going to want the first.
      const sorted = new TallyBatch([one, two]);
      commits.push(sut.commit(sorted));
      await db.untilWaiting(APP, 2);
      await holder.query('insert into tally_link values ($1, $2)', [two, one]);
      await holder.query('commit');
      await Promise.all(commits);
      expect([growing.runs, sorted.runs]).toEqual([1, 1]);
      expect([growing.cachesDropped, sorted.cachesDropped]).toEqual([0, 0]);
      expect(await versions(db)).toEqual({ [one]: 2, [two]: 2 });
    });

    it('waits for the rules before it locks a record: whoever activates rules never waits for it', async () => {
      const activation = await db.client();
      await activation.query('begin');
      await activateRules(activation as never, 'hash', {});
      const commit = committer().commit(new TallyBatch([one], { firstLock: lockRulesShared }));
      await db.untilWaiting(APP);
      await activation.query(`${lock(one)} nowait`);
      await activation.query('commit');
      await commit;
      expect(await versions(db)).toEqual({ [one]: 1 });
    });

    it('publishes the versions of each record in order, however batches run into each other', async () => {
      const sut = committer();
      const sets = [[one, two], [two, three], [three, one], [one, two, three], [two]];
      const worker = async (): Promise<void> => {
        for (const set of [...sets, ...sets, ...sets]) await sut.commit(new TallyBatch(set));
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      const published = (await outbox(db)).flat();
      const final = await versions(db);
      for (const hubId of [one, two, three]) {
        const seen = published.filter((count) => count.hubId === hubId).map(({ version }) => version);
        expect(seen).toEqual(Array.from({ length: final[hubId]! }, (_, index) => index + 1));
      }
      expect(final).toEqual({ [one]: 36, [two]: 48, [three]: 36 });
    });
  });

  describe('time-outs', () => {
    it('waits for a lock no longer than it may, and runs the batch again until it has it', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(one));
      const batch = new TallyBatch([one]);
      const commit = committer({ lockTimeoutMs: 50 }).commit(batch);
      await waitFor('the batch to be run again', () => batch.cachesDropped > 1);
      await holder.query('commit');
      await commit;
      expect(batch.runs).toBe(1);
      expect(await versions(db)).toEqual({ [one]: 1 });
    });

    it('gives up after the attempts that it has, and has written nothing', async () => {
      const holder = await db.client();
      await holder.query('begin');
      await holder.query(lock(one));
      const batch = new TallyBatch([two, one]);
      const commit = committer({ lockTimeoutMs: 20, attempts: 3 }).commit(batch);
      await expect(commit).rejects.toMatchObject({ code: '55P03' });
      await holder.query('commit');
      expect(batch.cachesDropped).toBe(2);
      expect(await versions(db)).toEqual({});
    });

    it('ends the session of a holder that stands still with its locks; it counts once when it wakes', async () => {
      const sut = committer({ idleTimeoutMs: 200 });
      const asleep = gate();
      const frozen = new TallyBatch([one, two], {
        decide: async (_tx, run) => (run === 1 ? asleep.opened : undefined),
      });
      const stopped = sut.commit(frozen);
      await waitFor('the batch to hold its locks', () => frozen.runs === 1);
      const other = new TallyBatch([two, three]);
      await sut.commit(other);
      expect(await versions(db)).toEqual({ [two]: 1, [three]: 1 });
      expect(other.runs).toBe(1);

      asleep.open();
      await stopped;
      expect([frozen.runs, frozen.cachesDropped]).toEqual([2, 1]);
      expect(await versions(db)).toEqual({ [one]: 1, [two]: 2, [three]: 1 });
      expect((await outbox(db)).flat().map(({ hubId, version }) => [hubId, version])).toEqual([
        [two, 1],
        [three, 1],
        [two, 2],
        [one, 1],
      ]);
    });

    it('has its time-outs in force, and commits to disk where the database would not', async () => {
      const careless = db.poolWith(APP, { synchronous_commit: 'off' });
      const names = ['lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout'];
      const inForce: string[] = [];
      const batch = new TallyBatch([one], {
        decide: async (tx) => {
          for (const name of [...names, 'synchronous_commit', 'transaction_isolation'])
            inForce.push(
              Object.values((await tx.query<Record<string, string>>(`show ${name}`)).rows[0]!)[0]!,
            );
        },
      });
      await committer({}, careless).commit(batch);
      expect(inForce).toEqual(['5s', '15s', '1min', 'on', 'read committed']);
    });
  });

  describe('lost connections', () => {
    it('runs the batch again when its session is ended while it decides', async () => {
      const batch = new TallyBatch([one], {
        decide: async (tx, run) => {
          if (run > 1) return;
          const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
          const gone = new Promise((resolve) => tx.once('end', resolve));
          await db.terminate(rows[0]!.pid);
          await gone;
        },
      });
      await committer().commit(batch);
      expect([batch.runs, batch.cachesDropped]).toEqual([2, 1]);
      expect(await versions(db)).toEqual({ [one]: 1 });
    });

    it.each([
      ['the commit is lost on its way', 'commit\0', 'before the server gets it'],
      ['the answer to the commit is lost', 'commit\0', 'before the client gets the answer'],
      ['it is cut before the outbox row is written', 'insert into outbox', 'before the server gets it'],
      [
        'it is cut after the outbox row is written',
        'insert into outbox',
        'before the client gets the answer',
      ],
    ] as const)('counts once when %s', async (_what, text, when) => {
      const { proxy, url } = await TcpProxy.before(db.url);
      const remote = db.newPool(APP, { url, max: 1 });
      try {
        const sut = committer({}, remote);
        const batch = new TallyBatch([one, three]);
        proxy.cutAt(text, when);
        await sut.commit(batch);
        expect(proxy.isCutPending).toBe(false);
        expect([batch.runs, batch.cachesDropped]).toEqual([2, 1]);
        expect(await versions(db)).toEqual({ [one]: 1, [three]: 1 });
        expect((await outbox(db)).flat().map(({ hubId, version }) => [hubId, version])).toEqual([
          [one, 1],
          [three, 1],
        ]);
        // The pool has one connection: it is not the broken one.
        await sut.commit(new TallyBatch([one]));
        expect(await versions(db)).toEqual({ [one]: 2, [three]: 1 });
      } finally {
        await remote.end();
        await proxy.close();
      }
    });

    it('outlasts a database that is away for a while', async () => {
      const { proxy, url } = await TcpProxy.before(db.url);
      const remote = db.newPool(APP, { url });
      try {
        proxy.refuse();
        const batch = new TallyBatch([one]);
        const commit = committer({}, remote).commit(batch);
        await waitFor('the batch to be run again', () => batch.cachesDropped > 2);
        proxy.resume();
        await commit;
        expect(await versions(db)).toEqual({ [one]: 1 });
      } finally {
        await remote.end();
        await proxy.close();
      }
    });
  });

  describe('errors of the batch itself', () => {
    it.each([
      ['a value that PostgreSQL cannot hold', `select '"\\u0000"'::jsonb`, '22P05'],
      ['a broken constraint', `insert into topology values ('partitions', 0)`, '23514'],
    ])('throws %s as it is, runs it once and writes nothing', async (_what, sql, code) => {
      const single = db.newPool(APP, { max: 1 });
      const sut = committer({}, single);
      const batch = new TallyBatch([one, two], { write: async (tx) => void (await tx.query(sql)) });
      await expect(sut.commit(batch)).rejects.toMatchObject({ code });
      expect([batch.runs, batch.cachesDropped]).toEqual([1, 0]);
      expect([await versions(db), await outbox(db)]).toEqual([{}, []]);
      // Its locks are gone, and the connection is as good as new.
      await sut.commit(new TallyBatch([one]));
      expect(await versions(db)).toEqual({ [one]: 1 });
    });

    it('writes nothing when the lease has become somebody else’s while it decided', async () => {
      const lease = (await takeLease(db.pool, 'source', 'me', 60_000))!;
      const batch = new TallyBatch([one], {
        decide: async () => {
          await db.query('update lease set expires_at = clock_timestamp()');
          expect(await takeLease(db.pool, 'source', 'somebody else', 60_000)).not.toBeNull();
        },
        write: async (tx) => {
          if (!(await confirmLease(tx, lease, 60_000, { sourceOffset: { page: 2 } })))
            throw new LeaseLost('source');
        },
      });
      await expect(committer().commit(batch)).rejects.toBeInstanceOf(LeaseLost);
      expect(batch.runs).toBe(1);
      expect([await versions(db), await outbox(db)]).toEqual([{}, []]);
      const rows = await db.query('select holder, epoch, source_offset from lease');
      expect(rows).toEqual([{ holder: 'somebody else', epoch: '2', source_offset: null }]);
    });

    it('starts anew when the decision finds that something has moved', async () => {
      const batch = new TallyBatch([one], {
        decide: async (_tx, run) => {
          if (run === 1) throw new BatchMoved('committing a batch: a code has moved');
        },
      });
      await committer().commit(batch);
      expect([batch.runs, batch.cachesDropped]).toEqual([2, 1]);
      expect(await versions(db)).toEqual({ [one]: 1 });
    });

    it('does not take a batch for written in which a failed statement was overlooked', async () => {
      const sut = committer();
      const silent = {
        touches: () => Promise.resolve(new Set([one])),
        decide: () => Promise.resolve({ records: [] }),
        write: async (tx: Connection) => {
          await tx.query('insert into tally values ($1, 1)', [one]);
          await tx.query('select 1 / 0').catch(() => undefined);
        },
      };
      await expect(sut.commit(silent)).rejects.toThrow('a statement failed before, unnoticed');
      expect(await versions(db)).toEqual({});
    });
  });
});
