import type { Observation, PresentObservation, SourceConnector } from '#connector-sdk';
import type { Queryable } from '#store';
import { confirmOlder } from './confirm-older';

const TASK = { name: 'products', entities: ['product' as const] };

function listed(rest: Partial<PresentObservation> = {}): PresentObservation {
  const times = { requestedAtMs: 2_000, changedAtMs: 500, vendorTime: null };
  return { kind: 'present', entity: 'product', vendorId: 'p1', direct: false, state: {}, ...times, ...rest };
}

/** Confirms observations against one record that was accepted last; tells what was passed on and what was read. */
async function confirm(
  observations: readonly Observation[],
  accepted: { changedAtMs: number | null; answeredAtMs: number } | null,
  answer: Observation = listed({ direct: true, state: { sku: 'as read' } }),
) {
  const row = accepted && {
    entity: 'product',
    vendor_id: 'p1',
    changed_at_ms: accepted.changedAtMs === null ? null : String(accepted.changedAtMs),
    answered_at_ms: String(accepted.answeredAtMs),
  };
  const query = jest.fn(async () => ({ rows: row ? [row] : [] }));
  const read = jest.fn(async () => answer);
  const passed = await confirmOlder(
    { query } as unknown as Queryable,
    'plytix',
    { read } as unknown as SourceConnector,
    TASK,
    observations,
  );
  return { passed, read, query };
}

describe('confirming what is older than what was accepted', () => {
  it('passes on a record that is not known, and one with a newer time, without a read', async () => {
    for (const accepted of [
      null,
      { changedAtMs: 400, answeredAtMs: 9_000 },
      { changedAtMs: null, answeredAtMs: 9_000 },
    ]) {
      const { passed, read } = await confirm([listed()], accepted);
      expect(passed).toEqual([listed()]);
      expect(read).not.toHaveBeenCalled();
    }
  });

  it('reads a record directly that a list shows with an older time, and that answer wins', async () => {
    const { passed, read } = await confirm([listed()], { changedAtMs: 600, answeredAtMs: 1_000 });
    expect(read).toHaveBeenCalledWith(TASK, 'product', 'p1');
    expect(passed).toEqual([listed({ direct: true, state: { sku: 'as read' } })]);
  });

  it('takes the direct answer also when it says that the record is gone', async () => {
    const answer: Observation = {
      kind: 'gone',
      entity: 'product',
      vendorId: 'p1',
      requestedAtMs: 3_000,
      direct: true,
      changedAtMs: 3_000,
    };
    const { passed } = await confirm([listed()], { changedAtMs: 600, answeredAtMs: 1_000 }, answer);
    expect(passed).toEqual([answer]);
  });

  it('believes a direct read with an older time: a restore may have set it back', async () => {
    const direct = listed({ direct: true });
    const { passed, read } = await confirm([direct], { changedAtMs: 600, answeredAtMs: 1_000 });
    expect(passed).toEqual([direct]);
    expect(read).not.toHaveBeenCalled();
  });

  it('drops, at equal time, an answer whose request began before the last accepted answer arrived', async () => {
    const { passed } = await confirm([listed({ requestedAtMs: 999 })], {
      changedAtMs: 500,
      answeredAtMs: 1_000,
    });
    expect(passed).toEqual([]);
  });

  it('passes on, at equal time, an answer whose request began after it: the clock of the vendor is coarse', async () => {
    const later = listed({ requestedAtMs: 1_000 });
    const { passed } = await confirm([later], { changedAtMs: 500, answeredAtMs: 1_000 });
    expect(passed).toEqual([later]);
  });

  it('looks at deleted records too, lest a list that lags revive one', async () => {
    const { query } = await confirm([listed()], null);
    expect(query).toHaveBeenCalledWith(expect.not.stringContaining('live'), expect.anything());
  });

  it('passes on what is gone or undecodable, in its order, and asks nothing when there is nothing else', async () => {
    const shared = { entity: 'product' as const, vendorId: 'p1', requestedAtMs: 1, direct: false };
    const gone: Observation = { ...shared, kind: 'gone', changedAtMs: 1 };
    const undecodable: Observation = { ...shared, kind: 'undecodable', reason: 'reading it', raw: '' };
    const alone = await confirm([gone, undecodable], { changedAtMs: 600, answeredAtMs: 1_000 });
    expect(alone.passed).toEqual([gone, undecodable]);
    expect(alone.query).not.toHaveBeenCalled();
    const mixed = await confirm([gone, listed({ vendorId: 'p2' })], {
      changedAtMs: 600,
      answeredAtMs: 1_000,
    });
    expect(mixed.passed).toEqual([gone, listed({ vendorId: 'p2' })]);
  });
});
