import { RateBudget } from './budget';
import { asFault } from './faults';
import { HttpClient } from './http-client';
import type { HttpClientOptions, HttpRequest } from './http-client';
import { createRedactor } from './redact';
import { startVendorStub, testContext } from './testkit';
import type { StubAnswer, StubRequest, VendorStub } from './testkit';
import { TokenAuth } from './token-auth';

const HTML: StubAnswer = { headers: { 'content-type': 'text/html' }, text: '<html>sign in</html>' };

const read = (url: string, more: Partial<HttpRequest<unknown>> = {}): HttpRequest<unknown> => ({
  method: 'GET',
  url,
  doing: 'reading things',
  decode: (body) => body,
  ...more,
});

const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('there was no fault');
    },
    (error: unknown) => asFault(error),
  );

const refuse = (): never => {
  throw new Error('data is missing');
};

const fetchSameToken = () => Promise.resolve({ token: 't', expiresAtMs: 900_000 });

describe('HttpClient', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  const vendor = async (answer: (request: StubRequest, nth: number) => StubAnswer): Promise<VendorStub> => {
    const stub = await startVendorStub(answer);
    open.push(stub);
    return stub;
  };

  const setUp = (options: Partial<HttpClientOptions> = {}) => {
    const context = testContext();
    const waits: number[] = [];
    const sut = new HttpClient({
      signal: context.signal,
      now: () => context.now(),
      logger: context.logger,
      sleep: (ms) => Promise.resolve(void waits.push(ms)),
      random: () => 1,
      ...options,
    });
    open.push(sut);
    return { sut, context, waits };
  };

  it('decodes an answer and tells when its attempt began', async () => {
    const { url } = await vendor(() => ({ json: { a: 1 } }));
    const { sut, context } = setUp();
    expect(await sut.request(read(url))).toMatchObject({
      status: 200,
      value: { a: 1 },
      requestedAtMs: context.now(),
    });
  });

  it('tries again after HTML with status 200, and gives the fault not_json when it stays', async () => {
    const stub = await vendor((_, nth) => (nth < 3 ? HTML : { json: {} }));
    const { sut, waits } = setUp();
    await sut.request(read(stub.url));
    expect(waits).toEqual([500, 1_000]);
    const always = await vendor(() => HTML);
    const fault = await faultOf(sut.request(read(always.url)));
    expect(fault).toMatchObject({ kind: 'transient', code: 'not_json' });
    expect(fault.message).toMatch(/^reading things: the answer is HTML, not JSON/);
    expect(always.requests).toHaveLength(5);
  });

  it('treats JSON that breaks off like no JSON', async () => {
    const { url } = await vendor(() => ({ text: '{"data": [1, 2' }));
    expect(await faultOf(setUp().sut.request(read(url)))).toMatchObject({
      kind: 'transient',
      code: 'not_json',
    });
  });

  it('tries again when the decoder refuses, and names the reason', async () => {
    const stub = await vendor(() => ({ json: {} }));
    const fault = await faultOf(setUp().sut.request(read(stub.url, { decode: refuse })));
    expect(fault).toMatchObject({ kind: 'transient', code: 'unexpected_shape' });
    expect(fault.message).toContain('data is missing');
    expect(stub.requests).toHaveLength(5);
  });

  it.each([
    [401, 'config', 'unauthorised'],
    [403, 'config', 'forbidden'],
    [404, 'rejected', 'http_404'],
    [422, 'rejected', 'http_422'],
    [302, 'config', 'redirected'],
  ])('makes of status %i a %s fault at the first attempt', async (status, kind, code) => {
    const stub = await vendor(() => ({ status, json: {} }));
    expect(await faultOf(setUp().sut.request(read(stub.url)))).toMatchObject({ kind, code });
    expect(stub.requests).toHaveLength(1);
  });

  it('gives back a status that the caller takes for an answer', async () => {
    const { url } = await vendor(() => ({ status: 404, json: {} }));
    expect(await setUp().sut.request(read(url, { answers: [404] }))).toMatchObject({
      status: 404,
      value: null,
    });
  });

  it('waits as long as a 429 says, and its budget makes other calls wait as well', async () => {
    const stub = await vendor((_, nth) =>
      nth === 1 ? { status: 429, headers: { 'retry-after': '7' } } : { json: {} },
    );
    const context = testContext();
    const waits: number[] = [];
    const advance = (ms: number): Promise<void> => {
      waits.push(ms);
      context.advance(ms);
      return Promise.resolve();
    };
    const budget = new RateBudget({ windows: [], now: () => context.now(), sleep: advance });
    const { sut } = setUp({ budget, sleep: advance, now: () => context.now() });
    await sut.request(read(stub.url));
    expect(waits).toEqual([7_000]);
  });

  it('repeats a create only where the vendor cannot have acted upon it', async () => {
    const post = { method: 'POST', body: { a: 1 } } as const;
    const failing = await vendor(() => ({ status: 502 }));
    expect(await faultOf(setUp().sut.request(read(failing.url, post)))).toMatchObject({ code: 'http_502' });
    expect(failing.requests).toHaveLength(1);
    const busy = await vendor((_, nth) => (nth === 1 ? { status: 429 } : { json: {} }));
    await setUp().sut.request(read(busy.url, post));
    expect(busy.requests.map(({ body }) => body)).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('tries again when the connection breaks', async () => {
    const { url } = await vendor((_, nth) => (nth === 1 ? { reset: true } : { json: { ok: true } }));
    expect((await setUp().sut.request(read(url))).value).toEqual({ ok: true });
  });

  it('ends a call that takes too long', async () => {
    const { url } = await vendor(() => ({ hang: true }));
    const { sut } = setUp({ timeoutMs: 30, retry: { attempts: 1 } });
    expect(await faultOf(sut.request(read(url)))).toMatchObject({ kind: 'transient', code: 'timeout' });
  });

  it('ends a running call at once when the connector is stopped', async () => {
    const { sut, context } = setUp();
    const { url } = await vendor(() => {
      context.abort();
      return { hang: true };
    });
    await expect(sut.request(read(url))).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not read an answer of any size', async () => {
    const { url } = await vendor(() => ({ json: 'x'.repeat(2_000) }));
    const fault = await faultOf(setUp({ maxBytes: 1_000 }).sut.request(read(url)));
    expect(fault).toMatchObject({ kind: 'system', code: 'answer_too_large' });
  });

  it('keeps secrets out of what it says', async () => {
    const { url } = await vendor(() => ({ status: 422, text: 'no: hunter2-secret, Bearer abc.def' }));
    const { message } = await faultOf(
      setUp({ redact: createRedactor(['hunter2-secret']) }).sut.request(read(url)),
    );
    expect(message).toContain('[redacted]');
    expect(message).not.toMatch(/hunter2|abc\.def/);
  });

  it('renews its token once after a 401, for all calls together', async () => {
    const stub = await vendor(({ headers }) =>
      headers['authorization'] === 'Bearer t2' ? { json: {} } : { status: 401 },
    );
    let fetched = 0;
    const auth = new TokenAuth({
      now: () => 0,
      fetchToken: () => Promise.resolve({ token: `t${(fetched += 1)}`, expiresAtMs: 900_000 }),
    });
    const { sut } = setUp({ auth });
    await Promise.all([1, 2, 3].map(() => sut.request(read(stub.url))));
    expect(fetched).toBe(2);
  });

  it('gives up when the new token is refused as well', async () => {
    const stub = await vendor(() => ({ status: 401 }));
    const { sut } = setUp({ auth: new TokenAuth({ now: () => 0, fetchToken: fetchSameToken }) });
    expect(await faultOf(sut.request(read(stub.url)))).toMatchObject({
      kind: 'config',
      code: 'unauthorised',
    });
    expect(stub.requests).toHaveLength(2);
  });
});
