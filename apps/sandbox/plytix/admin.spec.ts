import type { JsonObject } from '../http/answer';
import { SpecSandbox, problem, rows } from './testkit/client';

describe('the admin routes', () => {
  let sut: SpecSandbox;
  beforeEach(async () => {
    sut = await SpecSandbox.start();
  });
  afterEach(() => sut.close());

  const search = (): ReturnType<SpecSandbox['call']> => sut.call('POST', '/api/v2/products/search', {});
  const fault = (body: JsonObject): ReturnType<SpecSandbox['request']> =>
    sut.request('POST', '/admin/faults', { path: '/api/v2/products/search', ...body });
  const raw = async (): Promise<{ status: number; type: string | null; text: string }> => {
    const token = rows(
      await sut.request('POST', '/auth/api/get-token', {
        api_key: sut.sandbox.apiKey,
        api_password: sut.sandbox.apiPassword,
      }),
    )[0]?.['access_token'];
    const response = await fetch(`${sut.sandbox.url}/api/v2/products/search`, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${String(token)}` },
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };

  it('tell how large the account is', async () => {
    expect((await sut.request('GET', '/admin/health')).body).toEqual({
      status: 'ok',
      products: 5,
      variants: 50,
      seed: 7,
    });
  });

  it('make the next calls fail with a status, body and headers, and then no more', async () => {
    await fault({
      kind: 'status',
      status: 429,
      times: 2,
      headers: { 'retry-after': '3' },
      body: { error: { msg: 'slow down' } },
    });
    const replies = [await search(), await search(), await search()];

    expect(replies.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(replies[0]?.headers.get('retry-after')).toBe('3');
    expect(problem(replies[0]!).msg).toBe('slow down');
  });

  it('answer with a page of HTML and status 200', async () => {
    await fault({ kind: 'html200' });

    expect(await raw()).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  });

  it('cut an answer in the middle of its JSON', async () => {
    await fault({ kind: 'truncated' });
    const { status, text } = await raw();

    expect(status).toBe(200);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('reset the connection', async () => {
    await fault({ kind: 'reset' });

    await expect(search()).rejects.toThrow('fetch failed');
  });

  it('answer late', async () => {
    await fault({ kind: 'slow', delayMs: 80 });
    const started = performance.now();

    expect((await search()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(75);
  });

  it('carry a write out and say that it failed', async () => {
    await sut.request('POST', '/admin/faults', {
      path: '/api/*/products',
      method: 'post',
      kind: 'applied',
      status: 500,
    });
    const reply = await sut.call('POST', '/api/v2/products', { sku: 'WRITTEN' });

    expect(reply.status).toBe(500);
    expect(await sut.bySku('WRITTEN')).toMatchObject({ sku: 'WRITTEN' });
  });

  it('hit only the path and method that a fault names, and can be disarmed', async () => {
    await fault({ kind: 'status', status: 500, method: 'DELETE' });
    expect((await search()).status).toBe(200);
    expect((await sut.request('GET', '/admin/faults')).body).toMatchObject({ faults: [{ left: 1 }] });
    await sut.request('DELETE', '/admin/faults');

    expect((await sut.request('GET', '/admin/faults')).body).toEqual({ faults: [] });
  });

  it('say what is wrong with a fault', async () => {
    const reply = await fault({ kind: 'explode' });

    expect(reply.status).toBe(422);
    expect(JSON.stringify(reply.body)).toContain('kind');
  });

  it('count calls by method and route', async () => {
    await sut.request('DELETE', '/admin/calls');
    const { id } = await sut.bySku('ST-1001');
    await sut.call('GET', `/api/v2/products/${String(id)}`);

    expect((await sut.request('GET', '/admin/calls')).body).toEqual({
      total: 2,
      calls: { 'GET /api/v2/products/{id}': 1, 'POST /api/v2/products/search': 1 },
    });
  });

  it('stop the clock, so that several writes share one time, and set it back', async () => {
    const freeze = (time: string): ReturnType<SpecSandbox['request']> =>
      sut.request('POST', '/admin/clock', { freeze: time });
    const ids = ['ONE', 'TWO'];
    await freeze('2030-05-05T12:00:00.000Z');
    await sut.renewToken();
    const [one, two] = [await sut.create({ sku: ids[0]! }), await sut.create({ sku: ids[1]! })];
    expect([(await sut.product(one))['modified'], (await sut.product(two))['modified']]).toEqual(
      Array(2).fill('2030-05-05T12:00:00.000000'),
    );
    await freeze('2029-01-01T00:00:00.000Z');
    await sut.renewToken();
    await sut.call('PATCH', `/api/v2/products/${one}`, { label: 'restored' });

    expect((await sut.product(one))['modified']).toBe('2029-01-01T00:00:00.000000');
    expect((await sut.request('POST', '/admin/clock', { shift_ms: 0 })).body).toMatchObject({
      frozen: false,
    });
  });

  it('give every product as one line, with own and inherited values apart', async () => {
    const text = await (await fetch(`${sut.sandbox.adminUrl}/state`)).text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));

    expect(lines).toHaveLength(55);
    expect(lines).toContainEqual(
      expect.objectContaining({
        product_level: 2,
        attributes: expect.objectContaining({ brand: expect.any(String), size: expect.any(String) }),
        own: expect.objectContaining({
          attributes: expect.not.objectContaining({ brand: expect.anything() }),
        }),
      }),
    );
  });

  it('seed the account anew', async () => {
    await sut.create({ sku: 'GONE' });
    const reply = await sut.request('POST', '/admin/reset', { products: 2, seed: 3 });

    expect(reply.body).toEqual({ products: 2, variants: 20 });
    await expect(sut.bySku('GONE')).rejects.toThrow('there is no such product');
    expect((await sut.call('POST', '/api/v2/products/search', {})).body['pagination']).toMatchObject({
      total_count: 22,
    });
  });

  it('do not exist below /api, nor for a page of another site', async () => {
    expect((await sut.call('POST', '/api/admin/reset', {})).status).toBe(404);
    expect((await sut.request('POST', '/admin/reset', {}, { origin: 'https://evil.example' })).status).toBe(
      403,
    );
  });
});
