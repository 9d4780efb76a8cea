/** Leases on a real PostgreSQL: the row decides who may work, under its epoch and on the database's clock. */
import { pino } from 'pino';
import { confirmLease, releaseLease, takeLease } from '#store';
import type { HeldLease } from '#store';
import { LeaseKeeper } from '#runtime';
import type { LeaseTimes, LeaseWork } from '#runtime';
import { SpineDatabase } from '../support/spine-database';
import { TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

jest.setTimeout(30_000);

const NAME = 'source:plytix:all';
const HOUR_MS = 3_600_000;
const TIMES: LeaseTimes = { ttlMs: 1_500, renewMs: 100 };

describe('leases', () => {
  let db: SpineDatabase;
  beforeAll(async () => (db = await SpineDatabase.create()));
  beforeEach(() => db.query('truncate lease'));
  afterEach(() => db.endClients());
  afterAll(() => db.drop());

  const take = (holder: string, ttlMs = HOUR_MS): Promise<HeldLease | null> =>
    takeLease(db.pool, NAME, holder, ttlMs);
  const row = async (): Promise<Record<string, unknown>> =>
    (await db.query('select holder, epoch, source_offset, detail from lease'))[0]!;
  const expire = (): Promise<unknown> =>
    db.query(`update lease set expires_at = clock_timestamp() - interval '1 ms'`);

  describe('the row', () => {
    it('is taken by one only, of many that ask at once', async () => {
      const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => take(`holder ${index}`)));
      const held = asked.filter((lease) => lease !== null);
      expect(held).toHaveLength(1);
      expect(await row()).toMatchObject({ holder: held[0]!.holder, epoch: '1' });
    });

    it('is taken over by one only when it has run out, with a higher epoch', async () => {
      await take('first');
      await expire();
      const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => take(`holder ${index}`)));
      const held = asked.filter((lease) => lease !== null);
      expect(held.map(({ epoch }) => epoch)).toEqual([2n]);
    });

    it('hands offset and detail on to whoever takes over', async () => {
      const first = (await take('first'))!;
      expect(first).toMatchObject({ epoch: 1n, sourceOffset: null, detail: {} });
      await confirmLease(db.pool, first, HOUR_MS, {
        sourceOffset: { page: 7 },
        detail: { mode: 'snapshot' },
      });
      await confirmLease(db.pool, first, HOUR_MS, { detail: { rows: 300 } });
      await expire();
      expect(await take('second')).toMatchObject({
        epoch: 2n,
        sourceOffset: { page: 7 },
        detail: { mode: 'snapshot', rows: 300 },
      });
    });

    it('refuses what a former holder writes, and keeps what the new one has', async () => {
      const former = (await take('former'))!;
      await expire();
      const present = (await take('present'))!;
      await confirmLease(db.pool, present, HOUR_MS, { sourceOffset: { page: 2 } });
      expect(await confirmLease(db.pool, former, HOUR_MS, { sourceOffset: { page: 1 } })).toBe(false);
      expect(await row()).toMatchObject({ holder: 'present', epoch: '2', source_offset: { page: 2 } });
    });

    it('is still the holder’s when it has run out and nobody has asked for it', async () => {
      const lease = (await take('slow'))!;
      await expire();
      expect(await confirmLease(db.pool, lease, HOUR_MS)).toBe(true);
      expect(await take('late')).toBeNull();
    });

    it('moves its offset with the transaction that confirms it, or not at all', async () => {
      const lease = (await take('holder'))!;
      const tx = await db.client();
      await tx.query('begin');
      expect(await confirmLease(tx as never, lease, HOUR_MS, { sourceOffset: { page: 9 } })).toBe(true);
      await tx.query('rollback');
      expect(await row()).toMatchObject({ source_offset: null });
    });

    it('is free at once when it is given back', async () => {
      await releaseLease(db.pool, (await take('first'))!);
      expect(await take('second')).toMatchObject({ holder: 'second', epoch: 2n });
    });

    it('cannot be given back by a former holder', async () => {
      const former = (await take('former'))!;
      await expire();
      await take('present');
      await releaseLease(db.pool, former);
      expect(await take('third')).toBeNull();
    });

    it.each([
      ['fast', HOUR_MS],
      ['slow', -HOUR_MS],
    ])('runs out by the clock of the database, however %s that of a process is', async (_how, skewMs) => {
      const now = Date.now();
      const clock = jest.spyOn(Date, 'now').mockReturnValue(now + skewMs);
      try {
        const lease = (await take('skewed', 60_000))!;
        await confirmLease(db.pool, lease, 60_000);
      } finally {
        clock.mockRestore();
      }
      const [left] = await db.query<{ seconds: string }>(
        'select extract(epoch from expires_at - clock_timestamp()) as seconds from lease',
      );
      expect(Number(left!.seconds)).toBeGreaterThan(30);
      expect(Number(left!.seconds)).toBeLessThanOrEqual(60);
      expect(await take('other')).toBeNull();
    });
  });

  describe('the keeper', () => {
    const keepers: LeaseKeeper[] = [];
    const warnings: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    beforeEach(() => void warnings.splice(0));
    afterEach(() => Promise.all(keepers.splice(0).map((keeper) => keeper.stop())));

    /** Work that goes on until its signal, and remembers its turns. */
    class Turns implements LeaseWork {
      readonly name = NAME;
      readonly begun: bigint[] = [];
      readonly ended: bigint[] = [];
      renewals = 0;

      async run(lease: HeldLease, signal: AbortSignal): Promise<void> {
        this.begun.push(lease.epoch);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        this.ended.push(lease.epoch);
      }

      onRenewed(): void {
        this.renewals += 1;
      }
    }

    function keep(holder: string, work: LeaseWork, times = TIMES, pool = db.pool): LeaseKeeper {
      const keeper = new LeaseKeeper(pool, holder, work, logger, times);
      keepers.push(keeper);
      keeper.start();
      return keeper;
    }

    it('lets one of two work, for longer than the lease lasts without renewal', async () => {
      const [first, second] = [new Turns(), new Turns()];
      keep('first', first);
      await waitFor('the first to work', () => first.begun.length === 1);
      keep('second', second);
      await waitFor('renewals that outlast the lease', () => first.renewals > TIMES.ttlMs / TIMES.renewMs);
      expect([first.begun, first.ended, second.begun]).toEqual([[1n], [], []]);
    });

    it('hands over at once when it is stopped in order', async () => {
      const [first, second] = [new Turns(), new Turns()];
      const times = { ttlMs: HOUR_MS, renewMs: 50 };
      const leaving = keep('first', first, times);
      await waitFor('the first to work', () => first.begun.length === 1);
      keep('second', second, times);
      await leaving.stop();
      expect(first.ended).toEqual([1n]);
      await waitFor('the second to work', () => second.begun.length === 1);
      expect(second.begun).toEqual([2n]);
    });

    it('ends its work when another has taken over, and asks again', async () => {
      const work = new Turns();
      keep('first', work, { ttlMs: HOUR_MS, renewMs: 50 });
      await waitFor('the work to begin', () => work.begun.length === 1);
      await expire();
      const thief = (await take('thief'))!;
      await waitFor('the work to end', () => work.ended.length === 1);
      await releaseLease(db.pool, thief);
      await waitFor('the work to begin again', () => work.begun.length === 2);
      expect(work.begun).toEqual([1n, 3n]);
    });

    it('gives the lease back when the work throws, says so, and begins again', async () => {
      const epochs: bigint[] = [];
      const failing: LeaseWork = {
        name: NAME,
        run: (lease) => {
          epochs.push(lease.epoch);
          return Promise.reject(new Error('the vendor is on fire'));
        },
      };
      keep('first', failing, { ttlMs: HOUR_MS, renewMs: 20 });
      await waitFor('three turns', () => epochs.length >= 3);
      expect(epochs.slice(0, 3)).toEqual([1n, 2n, 3n]);
      expect(warnings[0]).toContain('the vendor is on fire');
    });

    it.each([
      ['refuses connections', 'refuse'],
      ['does not answer any more', 'stall'],
    ] as const)('ends its work when its lease has run out and the database %s', async (_what, how) => {
      const { proxy, url } = await TcpProxy.before(db.url);
      const remote = db.newPool('keeper', { url });
      const [cutOff, other] = [new Turns(), new Turns()];
      try {
        const keeper = keep('cut off', cutOff, TIMES, remote);
        await waitFor('a renewal', () => cutOff.renewals > 0);
        proxy[how]();
        keep('other', other);
        await waitFor('the other to take over', () => other.begun.length === 1);
        await waitFor('the work to end', () => cutOff.ended.length === 1);
        expect(other.begun).toEqual([2n]);
        // When the database is back, it stays a candidate and does not disturb the new holder.
        proxy.resume();
        const renewals = other.renewals;
        await waitFor('further renewals', () => other.renewals > renewals + 2);
        expect([cutOff.begun, other.ended]).toEqual([[1n], []]);
        await keeper.stop();
      } finally {
        await remote.end();
        await proxy.close();
      }
    });

    it('goes on through an outage that is shorter than its lease', async () => {
      const { proxy, url } = await TcpProxy.before(db.url);
      const remote = db.newPool('keeper', { url });
      try {
        const work = new Turns();
        const keeper = keep('patient', work, { ttlMs: 20_000, renewMs: 20 }, remote);
        await waitFor('a renewal', () => work.renewals > 0);
        proxy.refuse();
        const asked = proxy.asked;
        await waitFor('some refused renewals', () => proxy.asked > asked + 2);
        proxy.resume();
        const renewals = work.renewals;
        await waitFor('a renewal after the outage', () => work.renewals > renewals);
        expect([work.begun, work.ended]).toEqual([[1n], []]);
        await keeper.stop();
      } finally {
        await remote.end();
        await proxy.close();
      }
    });
  });
});
