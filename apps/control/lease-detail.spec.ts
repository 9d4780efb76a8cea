import { connectorOf } from './lease-detail';

describe('connectorOf', () => {
  const row = { name: 'source:plytix:products', holder: 'h', held: true };

  it('reads what a source task says of itself', () => {
    const detail = {
      phase: 'snapshot',
      read: 1904,
      total: 3300,
      last_poll_at: '2026-11-21T10:00:00Z',
      changes: 0,
    };
    expect(connectorOf({ ...row, detail })).toEqual({
      system: 'plytix',
      task: 'products',
      phase: 'snapshot',
      held: true,
      holder: 'h',
      read: 1904,
      total: 3300,
      lastPollAt: '2026-11-21T10:00:00.000Z',
      lastChangeAt: null,
      changes: 0,
    });
  });

  it('takes times in milliseconds as well', () => {
    const detail = { phase: 'streaming', last_change_at: 0 };
    expect(connectorOf({ ...row, detail })?.lastChangeAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('is waiting while nothing was said, and survives a field of another shape', () => {
    expect(connectorOf({ ...row, detail: {} })).toMatchObject({ phase: 'waiting', read: null });
    expect(connectorOf({ ...row, detail: null })).toMatchObject({ phase: 'waiting' });
    expect(
      connectorOf({ ...row, detail: { phase: 'snapshot', read: 'many', last_poll_at: 'soon' } }),
    ).toMatchObject({
      phase: 'snapshot',
      read: null,
      lastPollAt: null,
    });
  });

  it('keeps colons of a task name and ignores leases of another kind', () => {
    expect(connectorOf({ ...row, name: 'source:plytix:products:eu', detail: {} })?.task).toBe('products:eu');
    expect(connectorOf({ ...row, name: 'publisher:0', detail: {} })).toBeNull();
    expect(connectorOf({ ...row, name: 'source:plytix', detail: {} })).toBeNull();
  });
});
