import fc from 'fast-check';
import { OffsetTracker } from './offset-tracker';
import type { Span } from './offset-tracker';

describe('OffsetTracker', () => {
  it('commits nothing while the first batch is being taken', () => {
    const sut = new OffsetTracker();
    const span = sut.begin(10n);
    span.hold();
    span.release();
    expect(sut.committable).toBeNull();
    span.release();
    expect(sut.committable).toBe(10n);
  });

  it('waits for the oldest batch, then goes past all that were written meanwhile', () => {
    const advances: (bigint | null)[] = [];
    const sut = new OffsetTracker(() => advances.push(sut.committable));
    const [first, second, third] = [sut.begin(5n), sut.begin(9n), sut.begin(12n)];
    third.release();
    second.release();
    expect(sut.committable).toBeNull();
    first.release();
    expect(sut.committable).toBe(12n);
    expect(advances).toEqual([12n]);
  });

  it('steps over a batch of transaction markers only', () => {
    const sut = new OffsetTracker();
    sut.begin(3n).release();
    sut.begin(4n).release();
    expect(sut.committable).toBe(4n);
  });

  it('refuses a release that nobody has to give', () => {
    const span = new OffsetTracker().begin(1n);
    span.release();
    expect(() => span.release()).toThrow(RangeError);
  });

  it('never passes a record that is not written, whatever the order of writing, and ends at the end', () => {
    const batches = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), (sizes, choices) => {
        const sut = new OffsetTracker();
        const unwritten: { offset: bigint; span: Span }[] = [];
        let offset = 0n;
        for (const size of sizes) {
          const span = sut.begin(offset + BigInt(size) + 1n);
          for (let i = 0; i < size; i += 1) {
            span.hold();
            unwritten.push({ offset: offset + BigInt(i), span });
          }
          span.release();
          offset += BigInt(size) + 1n;
        }
        while (unwritten.length > 0) {
          const [written] = unwritten.splice(choices.next().value % unwritten.length, 1);
          written!.span.release();
          const committable = sut.committable ?? 0n;
          expect(unwritten.every((record) => record.offset >= committable)).toBe(true);
        }
        expect(sut.committable).toBe(offset);
      }),
    );
  });
});
