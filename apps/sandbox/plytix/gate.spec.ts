import { apiRoutes } from './gate';
import { SpecSandbox, problem } from './testkit/client';

describe('the gate', () => {
  let sut: SpecSandbox;
  beforeAll(async () => {
    sut = await SpecSandbox.start();
  });
  afterAll(() => sut.close());

  it('asks for a token before it tells whether a route exists', async () => {
    expect((await sut.request('GET', '/api/v1/nothing/here')).status).toBe(401);
    expect((await sut.call('GET', '/api/v1/nothing/here')).status).toBe(404);
  });

  it('tells an unknown route from a wrong method', async () => {
    const wrong = await sut.call('GET', '/api/v1/products');

    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
    for (const path of [
      '/api/v1/products/bulk',
      '/api/v2/variants/1',
      '/api/v1/categories/1',
      '/api/v3/products',
    ]) {
      const { status } = await sut.call('POST', path, {});
      expect([404, 405]).toContain(status);
    }
  });

  it('knows of jobs, but lets nobody see them', async () => {
    expect((await sut.call('GET', '/api/v1/jobs/1')).status).toBe(403);
  });

  it('redirects a trailing slash to the path without it', async () => {
    const reply = await sut.call('POST', '/api/v2/products/search/?a=1', {});

    expect(reply.status).toBe(308);
    expect(reply.headers.get('location')).toBe('/api/v2/products/search?a=1');
  });

  it('takes a path that starts with two slashes', async () => {
    expect((await sut.call('POST', '//api/v2/products/search', {})).status).toBe(200);
  });

  it('answers 400 to a body that is not JSON', async () => {
    const response = await sut.page('/api/v2/products/search');
    expect(response.status).toBe(401);
    const reply = await sut.call('POST', '/api/v2/products');
    expect(reply.status).toBe(400);
    expect(problem(reply).msg).toMatch(/^Failed to decode JSON object: /);
    expect(problem(reply).errors).toEqual([{ field: 'http_status_code', msg: 400 }]);
  });

  it.each(['non-existing-id', 'aaaaaaaaaaaaaaaaaaaaaaaa'])(
    'answers 404 to the id %s everywhere',
    async (id) => {
      const withId = apiRoutes().filter(({ path, method }) => path.includes('{id}') && method !== 'POST');

      for (const { method, path } of withId) {
        const target = path.replaceAll(/\{\w+\}/g, id);
        expect({
          path,
          status: (await sut.call(method, target, method === 'PATCH' ? {} : undefined)).status,
        }).toEqual({
          path,
          status: 404,
        });
      }
    },
  );
});

describe('the rate limits', () => {
  it('block the call after the last allowed one, and say for how long', async () => {
    const sut = await SpecSandbox.start({ products: 0, rateLimits: 'free' });
    const statuses: number[] = [];
    for (let call = 0; call < 20; call += 1)
      statuses.push((await sut.call('GET', '/api/v1/filters/product')).status);
    const blocked = await sut.call('GET', '/api/v1/filters/product');

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(blocked.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    await sut.request('POST', '/admin/choices', { rateLimitAnswer: 'gateway' });
    expect((await sut.call('GET', '/api/v1/filters/product')).body).toEqual({
      message: 'API rate limit exceeded',
    });
    await sut.close();
  });

  it('are off by default', async () => {
    const sut = await SpecSandbox.start({ products: 0 });
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => sut.call('GET', '/api/v1/filters/relationships')),
    );

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    await sut.close();
  });
});
