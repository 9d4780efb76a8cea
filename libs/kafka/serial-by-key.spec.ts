import { SerialByKey } from './serial-by-key';

describe('work in order by key', () => {
  test('one key keeps the order of the calls, although the first takes longer or fails', async () => {
    const sut = new SerialByKey();
    const done: string[] = [];
    let release!: () => void;
    const slow = sut.run('a', async () => {
      await new Promise<void>((resolve) => (release = resolve));
      done.push('first of a');
      throw new Error('broken on purpose');
    });
    const second = sut.run('a', async () => done.push('second of a'));
    await sut.run('b', async () => done.push('b'));
    release();
    await expect(slow).rejects.toThrow('broken on purpose');
    await second;
    expect(done).toEqual(['b', 'first of a', 'second of a']);
    await sut.allIdle();
  });
});
