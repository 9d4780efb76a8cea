import { rejectedFault, transientFault } from '#connector-sdk';
import { MemoryContext, batchOf, hub, memorySink } from './sink-doubles';
import type { RecordShape } from './sink-doubles';

const GRACE_MS = 5_000;

describe('SinkRuntime', () => {
  it('subscribes to the catalog topics of its entities in a group of its own', () => {
    const { sut } = memorySink();
    expect(sut.consumeOptions()).toMatchObject({
      groupId: 'test.sink.mart',
      topics: ['test.catalog.product'],
    });
  });

  it('writes only the newest of each record, and commits what it has written', async () => {
    const { sut, target } = memorySink();
    const context = new MemoryContext();
    await sut.handle(
      batchOf([
        { hub: 1, version: 1 },
        { hub: 2, version: 4 },
        { hub: 1, version: 3, name: 'last' },
        { hub: 1, version: 2 },
      ]),
      context,
    );
    await sut.drain(GRACE_MS);
    expect(target.batches.map((writes) => writes.map(({ hubId, version }) => [hubId, version]))).toEqual([
      [
        [hub(1), 3],
        [hub(2), 4],
      ],
    ]);
    expect(context.commits.at(-1)).toBe(4n);
  });

  it.each<[string, RecordShape[]]>([
    [
      'a delete and its tombstone',
      [
        { hub: 1, version: 2, kind: 'd' },
        { hub: 1, version: 2, kind: 'tombstone' },
      ],
    ],
    ['a tombstone alone', [{ hub: 1, version: 2, kind: 'tombstone' }]],
  ])('takes %s for one delete, which a late update does not undo', async (_case, shapes) => {
    const { sut, target } = memorySink();
    const context = new MemoryContext();
    await sut.handle(batchOf([{ hub: 1, version: 1 }, ...shapes, { hub: 1, version: 1 }]), context);
    await sut.drain(GRACE_MS);
    expect(target.rows.get(hub(1))).toEqual({ version: 2, name: undefined, deleted: true });
    expect(target.batches.flat()).toHaveLength(1);
  });

  it('ignores the end of a record that goes on under another key', async () => {
    const { sut, target } = memorySink();
    const context = new MemoryContext();
    await sut.handle(
      batchOf([
        { hub: 1, version: 1 },
        { hub: 1, version: 2, kind: 'moved' },
      ]),
      context,
    );
    await sut.drain(GRACE_MS);
    expect(target.rows.get(hub(1))).toMatchObject({ version: 1, deleted: false });
    expect(context.commits.at(-1)).toBe(2n);
  });

  it('commits nothing that is not written, while the target cannot be reached', async () => {
    const { sut, target } = memorySink();
    const context = new MemoryContext();
    target.failures.push(
      transientFault('connection_lost', 'writing: lost'),
      transientFault('connection_lost', 'writing: lost'),
    );
    await sut.handle(batchOf([{ hub: 1, version: 1 }]), context);
    await eventually(() => target.batches.length === 1);
    expect(context.commits).toEqual([]);
    expect(sut.trouble?.fault.message).toBe('writing: lost');
    await sut.drain(GRACE_MS);
    expect(target.batches).toHaveLength(3);
    expect(sut.trouble).toBeNull();
    expect(context.commits).toEqual([1n]);
  });

  it('keeps offsets in order when a later batch is written first', async () => {
    const { sut, target } = memorySink({ flushRows: 1 });
    const context = new MemoryContext();
    let open!: () => void;
    target.gate = new Promise((resolve) => (open = resolve));
    await sut.handle(
      batchOf([
        { hub: 1, version: 1 },
        { hub: 2, version: 1 },
      ]),
      context,
    );
    await sut.handle(batchOf([{ hub: 3, version: 1 }], 2), context);
    expect(context.commits).toEqual([]);
    open();
    await sut.drain(GRACE_MS);
    expect(context.commits).toEqual([...context.commits].sort((a, b) => Number(a - b)));
    expect(context.commits.at(-1)).toBe(3n);
  });

  it('takes no more than there is room for', async () => {
    const { sut, target } = memorySink({ maxRecords: 2, flushRows: 1 });
    let open!: () => void;
    target.gate = new Promise((resolve) => (open = resolve));
    const context = new MemoryContext();
    let taken = false;
    const shapes = [1, 2, 3].map((number) => ({ hub: number, version: 1 }));
    const handled = sut.handle(batchOf(shapes), context).then(() => (taken = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([taken, sut.waiting]).toEqual([false, 2]);
    open();
    await handled;
    await sut.drain(GRACE_MS);
    expect(target.rows.size).toBe(3);
    expect(context.commits.at(-1)).toBe(3n);
  });

  it('leaves a batch when its partition is taken away while it waits for room', async () => {
    const { sut, target } = memorySink({ maxRecords: 1 });
    let open!: () => void;
    target.gate = new Promise((resolve) => (open = resolve));
    const context = new MemoryContext();
    const handled = sut.handle(
      batchOf([
        { hub: 1, version: 1 },
        { hub: 2, version: 1 },
      ]),
      context,
    );
    await new Promise((resolve) => setImmediate(resolve));
    context.end();
    open();
    await expect(handled).rejects.toThrow('taken away');
    await sut.drain(GRACE_MS);
    expect(context.commits).toEqual([]);
  });

  it('commits only for the assignment that a record came in, also when it is delivered again', async () => {
    const { sut, target } = memorySink();
    let open!: () => void;
    target.gate = new Promise((resolve) => (open = resolve));
    const [before, after] = [new MemoryContext(), new MemoryContext()];
    await sut.handle(
      batchOf([
        { hub: 1, version: 1 },
        { hub: 2, version: 1 },
      ]),
      before,
    );
    before.end();
    await sut.handle(
      batchOf(
        [
          { hub: 2, version: 1 },
          { hub: 3, version: 1 },
        ],
        1,
      ),
      after,
    );
    open();
    await sut.drain(GRACE_MS);
    expect(before.commits).toEqual([]);
    expect(after.commits.at(-1)).toBe(3n);
    expect([...target.rows.keys()].sort()).toEqual([hub(1), hub(2), hub(3)]);
  });

  it('gives up after the grace, uncommitted, when the target does not come back', async () => {
    const { sut, target } = memorySink();
    target.failures.push(
      ...Array.from({ length: 100 }, () => transientFault('connection_lost', 'writing: lost')),
    );
    const context = new MemoryContext();
    await sut.handle(batchOf([{ hub: 1, version: 1 }]), context);
    await sut.drain(50);
    expect(context.commits).toEqual([]);
  });

  it('hands on what preparing the target says, unless it passes by itself', async () => {
    const { sut, target } = memorySink();
    const faults = [transientFault('starting', 'starting up'), rejectedFault('no', 'it is not ours')];
    jest.spyOn(target, 'prepare').mockImplementation(async () => Promise.reject(faults.shift()!));
    await expect(sut.prepare()).rejects.toThrow('it is not ours');
    expect(faults).toEqual([]);
  });

  it('refuses a topic that it does not read', async () => {
    const { sut } = memorySink();
    const foreign = { ...batchOf([]), topic: 'test.plytix.product' };
    await expect(sut.handle(foreign, new MemoryContext())).rejects.toThrow(RangeError);
  });
});

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
