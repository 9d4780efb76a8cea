import { RateLimiter } from './limiter';

describe('RateLimiter', () => {
  it('admits as many as the window holds, and the next when the oldest leaves it', () => {
    let now = 0;
    const sut = new RateLimiter([{ limit: 2, windowMs: 10_000 }], () => now);

    expect(sut.admit()).toBeNull();
    now = 4_000;
    expect(sut.admit()).toBeNull();
    now = 5_000;
    expect(sut.admit()).toBe(5_000);
    now = 10_000;
    expect(sut.admit()).toBeNull();
    expect(sut.admit()).toBe(4_000);
  });

  it('names the longer wait when both windows are full', () => {
    const windows = [
      { limit: 1, windowMs: 10_000 },
      { limit: 1, windowMs: 3_600_000 },
    ];
    const sut = new RateLimiter(windows, () => 0);
    sut.admit();

    expect(sut.admit()).toBe(3_600_000);
  });
});
