import { PauseState } from './pause-state';

describe('paused partitions', () => {
  test('a topic that is paused as a whole includes partitions that come later', () => {
    const sut = new PauseState();
    sut.pause('topic');
    sut.resume('topic', [1]);
    expect([0, 1, 7].map((partition) => sut.isPaused('topic', partition))).toEqual([true, false, true]);
    sut.pause('topic', [1]);
    expect(sut.isPaused('topic', 1)).toBe(true);
  });

  test('resuming a topic resumes all of it, and no other topic', () => {
    const sut = new PauseState();
    sut.pause('topic', [0, 1]);
    sut.pause('other', [0]);
    sut.resume('topic');
    expect(sut.isPaused('topic', 0)).toBe(false);
    expect(sut.isPaused('other', 0)).toBe(true);
  });
});
