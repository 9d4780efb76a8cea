import { MemoryContext, batchOf, hub, memorySink } from './sink-doubles';
import type { RecordShape } from './sink-doubles';

/** A sink that has dealt with these records, batch by batch. */
async function sinkAfter(...batches: RecordShape[][]) {
  const sink = memorySink();
  const context = new MemoryContext();
  let offset = 0;
  for (const shapes of batches) {
    await sink.sut.handle(batchOf(shapes, offset), context);
    offset += shapes.length;
    while (sink.sut.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await sink.sut.drain(5_000);
  return { ...sink, context, end: BigInt(offset) };
}

describe('SinkWriter', () => {
  it('keeps a record that cannot be decoded as letter and exception, and writes all others', async () => {
    const { target, journal, deadLetters, context, end } = await sinkAfter([
      { hub: 1, version: 1 },
      { hub: 2, version: 5, kind: 'broken' },
      { hub: 3, version: 1 },
    ]);
    expect([...target.rows.keys()]).toEqual([hub(1), hub(3)]);
    expect(deadLetters.letters.map(({ incoming }) => incoming.record.offset)).toEqual([1n]);
    expect(journal.opened).toEqual([
      expect.objectContaining({
        class: 'undecodable',
        target: 'mart',
        entity: 'product',
        hubId: hub(2),
        recordKey: 'ST-2',
        topic: 'test.catalog.product',
        partition: 0,
        offset: 1n,
        message: 'decoding test.catalog.product/0@1: reading the value: it is broken',
        original: expect.objectContaining({ version: 5, value: expect.any(String) }),
      }),
    ]);
    expect(context.commits.at(-1)).toBe(end);
  });

  it('keeps a record without our headers by its place in the topic', async () => {
    const { journal, deadLetters } = await sinkAfter([{ hub: 1, version: 1, kind: 'foreign' }]);
    expect(deadLetters.letters).toHaveLength(1);
    expect(journal.opened[0]).toMatchObject({ class: 'undecodable', recordKey: 'test.catalog.product/0@0' });
    expect(journal.opened[0]).not.toHaveProperty('hubId');
  });

  it('keeps what the target refuses, with attribute and original, and no dead letter', async () => {
    const { target, journal, deadLetters, context, end } = await sinkAfter([
      { hub: 1, version: 2, name: 'poison' },
      { hub: 2, version: 1 },
    ]);
    expect([...target.rows.keys()]).toEqual([hub(2)]);
    expect(deadLetters.letters).toEqual([]);
    expect(journal.opened[0]).toMatchObject({
      class: 'target_rejected',
      attribute: 'name',
      message: 'writing: it is poison',
      original: { version: 2, code: 'poison', attributes: { name: 'poison' } },
    });
    expect(context.commits.at(-1)).toBe(end);
  });

  it('falls back to the version before, as if it had come in a batch of its own', async () => {
    const shapes: RecordShape[] = [
      { hub: 1, version: 1, name: 'good' },
      { hub: 1, version: 2, name: 'poison' },
      { hub: 1, version: 3, kind: 'broken' },
    ];
    const together = await sinkAfter(shapes);
    const apart = await sinkAfter(...shapes.map((shape) => [shape]));
    for (const { target, journal, deadLetters } of [together, apart]) {
      expect(target.rows.get(hub(1))).toEqual({ version: 1, name: 'good', deleted: false });
      expect(journal.opened.map((exception) => exception.class).sort()).toEqual([
        'target_rejected',
        'undecodable',
      ]);
      expect(deadLetters.letters).toHaveLength(1);
    }
  });

  it('writes a tombstone whose delete cannot be read, and opens no exception for it', async () => {
    const { target, journal, deadLetters } = await sinkAfter([
      { hub: 1, version: 2, kind: 'broken' },
      { hub: 1, version: 2, kind: 'tombstone' },
    ]);
    expect(target.rows.get(hub(1))).toMatchObject({ version: 2, deleted: true });
    expect(deadLetters.letters).toHaveLength(1);
    expect(journal.opened).toEqual([]);
  });

  it('resolves the exception when a newer version arrives, not when an older one comes again', async () => {
    const poisoned: RecordShape[] = [{ hub: 1, version: 2, name: 'poison' }];
    const again = await sinkAfter([{ hub: 1, version: 1 }], poisoned, [{ hub: 1, version: 1 }]);
    expect(again.journal.resolved).toEqual([]);
    const newer = await sinkAfter([{ hub: 1, version: 1 }], poisoned, [{ hub: 1, version: 3 }]);
    expect(newer.journal.resolved).toEqual([{ target: 'mart', entity: 'product', hubId: hub(1) }]);
  });

  it('resolves what another instance had failed with, also when it died between write and resolve', async () => {
    const sink = memorySink();
    sink.journal.failures.push({ entity: 'product', hubId: hub(1), version: 2 });
    sink.target.rows.set(hub(1), { version: 3, name: 'x', deleted: false });
    await sink.sut.handle(
      batchOf([
        { hub: 1, version: 3 },
        { hub: 2, version: 1 },
      ]),
      new MemoryContext(),
    );
    await sink.sut.drain(5_000);
    expect(sink.journal.resolved).toEqual([{ target: 'mart', entity: 'product', hubId: hub(1) }]);
  });

  it('commits nothing before the exception is kept', async () => {
    const sink = memorySink();
    const context = new MemoryContext();
    let attempts = 0;
    jest.spyOn(sink.journal, 'open').mockImplementation(async () => {
      attempts += 1;
      expect(context.commits).toEqual([]);
      if (attempts === 1) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    });
    await sink.sut.handle(batchOf([{ hub: 1, version: 1, name: 'poison' }]), context);
    await sink.sut.drain(5_000);
    expect(attempts).toBe(2);
    expect(context.commits).toEqual([1n]);
  });

  it('stores an original that holds what a database cannot', async () => {
    const sink = memorySink();
    jest.spyOn(sink.target, 'write').mockImplementation(async (writes) =>
      writes.map(() => ({
        status: 'failed',
        fault: { kind: 'rejected', code: 'x', message: 'a\0\ud800' },
      })),
    );
    await sink.sut.handle(batchOf([{ hub: 1, version: 1, name: 'n\0' }]), new MemoryContext());
    await sink.sut.drain(5_000);
    expect(sink.journal.opened[0]).toMatchObject({
      message: 'a\u2400\ufffd',
      original: { attributes: { name: 'n\u2400' } },
    });
  });

  it('counts what became of the writes', async () => {
    const { metrics } = await sinkAfter(
      [{ hub: 1, version: 1 }],
      [
        { hub: 1, version: 1 },
        { hub: 2, version: 1, name: 'poison' },
      ],
    );
    const { values } = await metrics.sinkWrites.get();
    expect(values.map(({ labels, value }) => [labels.outcome, value]).sort()).toEqual([
      ['applied', 1],
      ['failed', 1],
      ['unchanged', 1],
    ]);
  });
});
