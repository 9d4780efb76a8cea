import fc from 'fast-check';
import { commitNarrowing } from './narrow';

const dataError = (): Error => Object.assign(new Error('out of range'), { code: '22003' });

describe('commitNarrowing', () => {
  it('commits a batch without trouble at once', async () => {
    const commits: (readonly number[])[] = [];
    await commitNarrowing(
      [1, 2, 3],
      async (part) => void commits.push(part),
      () => Promise.reject(new Error('none')),
    );
    expect(commits).toEqual([[1, 2, 3]]);
  });

  it('commits all records but those at fault, in their order, and names each of these once', async () => {
    const batches = fc.array(fc.record({ poisonous: fc.boolean() }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const items = batch.map((item, index) => ({ ...item, index }));
        const [committed, refused]: [number[], number[]] = [[], []];
        await commitNarrowing(
          items,
          async (part) => {
            if (part.some((item) => item.poisonous)) throw dataError();
            committed.push(...part.map((item) => item.index));
          },
          async (item, error) => {
            expect(error).toMatchObject({ code: '22003' });
            refused.push(item.index);
          },
        );
        expect(committed).toEqual(items.filter((item) => !item.poisonous).map((item) => item.index));
        expect(refused).toEqual(items.filter((item) => item.poisonous).map((item) => item.index));
      }),
    );
  });

  it('narrows nothing for an error that no record causes', async () => {
    let attempts = 0;
    const narrowing = commitNarrowing(
      [1, 2],
      async () => {
        attempts += 1;
        throw new Error('the lease is lost');
      },
      async () => undefined,
    );
    await expect(narrowing).rejects.toThrow('the lease is lost');
    expect(attempts).toBe(1);
  });

  it('narrows for further errors that its caller names', async () => {
    const refused: number[] = [];
    await commitNarrowing(
      [1, 2, 3],
      async (part) => {
        if (part.includes(2)) throw new RangeError('too large');
      },
      async (item) => void refused.push(item),
      (error) => error instanceof RangeError,
    );
    expect(refused).toEqual([2]);
  });

  it('does not call an empty batch poisoned', async () => {
    const narrowing = commitNarrowing(
      [],
      () => Promise.reject(dataError()),
      async () => undefined,
    );
    await expect(narrowing).rejects.toThrow('out of range');
  });
});
