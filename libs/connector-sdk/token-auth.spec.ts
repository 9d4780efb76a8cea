import { TokenAuth } from './token-auth';

const setUp = (lifetimeMs: number) => {
  let nowMs = 0;
  let fetched = 0;
  const sut = new TokenAuth({
    now: () => nowMs,
    fetchToken: () => Promise.resolve({ token: `t${(fetched += 1)}`, expiresAtMs: nowMs + lifetimeMs }),
  });
  return { sut, fetched: () => fetched, at: (ms: number) => (nowMs = ms) };
};

describe('TokenAuth', () => {
  it('fetches one token for many callers and keeps it until a minute before it expires', async () => {
    const { sut, fetched, at } = setUp(900_000);
    await Promise.all([sut.headers(), sut.headers(), sut.headers()]);
    at(839_999);
    expect(await sut.headers()).toEqual({ authorization: 'Bearer t1' });
    at(840_000);
    expect(await sut.headers()).toEqual({ authorization: 'Bearer t2' });
    expect(fetched()).toBe(2);
  });

  it('uses a token that lives shorter than the margin for half of its life', async () => {
    const { sut, fetched, at } = setUp(10_000);
    await sut.headers();
    at(4_999);
    await sut.headers();
    expect(fetched()).toBe(1);
  });

  it('keeps the newer token when an older one is refused', async () => {
    const { sut, fetched } = setUp(900_000);
    const first = await sut.headers();
    sut.rejected(first);
    await sut.headers();
    sut.rejected(first);
    await sut.headers();
    expect(fetched()).toBe(2);
  });

  it('asks again after a failure', async () => {
    let attempts = 0;
    const sut = new TokenAuth({
      now: () => 0,
      fetchToken: () =>
        (attempts += 1) === 1
          ? Promise.reject(new Error('down'))
          : Promise.resolve({ token: 't', expiresAtMs: 900_000 }),
    });
    await expect(sut.headers()).rejects.toThrow('down');
    expect(await sut.headers()).toEqual({ authorization: 'Bearer t' });
  });
});
