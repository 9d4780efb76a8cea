import { isJsonObject } from '../http/answer';
import type { JsonObject } from '../http/answer';
import { SpecSandbox, problem, rows } from './testkit/client';

const T0 = Date.parse('2026-03-01T10:00:00Z');

describe('the token exchange', () => {
  let sut: SpecSandbox;
  let now = T0;

  beforeEach(async () => {
    now = T0;
    sut = await SpecSandbox.start({ products: 0, apiKey: 'key', apiPassword: 'secret', now: () => now });
  });
  afterEach(() => sut.close());

  const exchange = (body: JsonObject) => sut.request('POST', '/auth/api/get-token', body);
  const search = (authorization?: string) =>
    sut.request(
      'POST',
      '/api/v1/product_families/search',
      {},
      authorization === undefined ? {} : { authorization },
    );
  const token = async (): Promise<string> =>
    String(rows(await exchange({ api_key: 'key', api_password: 'secret' }))[0]?.['access_token']);

  it('answers with a list of one token that lasts 15 minutes and tells the plan', async () => {
    const reply = await exchange({ api_key: 'key', api_password: 'secret' });

    expect(reply.status).toBe(200);
    expect(rows(reply)).toHaveLength(1);
    expect(reply.headers.get('x-ratelimit-limit-second')).toBe('8');
    const [, payload] = String(rows(reply)[0]?.['access_token']).split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload!, 'base64url').toString());
    expect(claims).toMatchObject({ iat: T0 / 1000, exp: T0 / 1000 + 900 });
    expect(isJsonObject(claims) && claims['user_claims']).toMatchObject({
      account: { rate_limit: [{ window: 10 }, { window: 3600 }] },
    });
  });

  it('refuses a wrong password and an unknown key in the recorded words', async () => {
    const wrong = await exchange({ api_key: 'key', api_password: 'nope' });
    const unknown = await exchange({ api_key: 'nope', api_password: 'secret' });

    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body).toEqual({
      error: {
        msg: 'Bad api_key or api_password: Credentials not valid',
        errors: [{ field: 'http_status_code', msg: 401 }],
      },
    });
    expect(problem(unknown).msg).toBe('Bad api_key or api_password: Query did not throw any results');
  });

  it('refuses in the documented shape when told to', async () => {
    await sut.request('POST', '/admin/choices', { auth401Shape: 'documented' });

    expect((await exchange({ api_key: 'nope', api_password: 'nope' })).body).toEqual({
      msg: 'Bad api_key or api_password',
    });
  });

  it('answers 400 to a body without credentials', async () => {
    expect((await exchange({})).status).toBe(400);
  });

  it('lets nobody in without a token, with a forged one, or with another spelling of Bearer', async () => {
    const good = await token();
    const forged = `${good.slice(0, -3)}abc`;
    const refused = [undefined, 'Bearer None', `bearer ${good}`, `Bearer  ${good}`, `Bearer ${forged}`];

    for (const header of refused) expect((await search(header)).status).toBe(401);
    expect(problem(await search()).msg).toBe('Missing Authorization Header');
    expect((await search(`Bearer ${good}`)).status).toBe(200);
  });

  it('ends a token after 15 minutes, to the second', async () => {
    const header = `Bearer ${await token()}`;

    now = T0 + 899_000;
    expect((await search(header)).status).toBe(200);
    now = T0 + 900_000;
    expect((await search(header)).status).toBe(401);
  });

  it('ends all tokens on demand, but not those that come after', async () => {
    const before = `Bearer ${await token()}`;
    await sut.request('POST', '/admin/expire-tokens');
    const after = `Bearer ${await token()}`;

    expect((await search(before)).status).toBe(401);
    expect((await search(after)).status).toBe(200);
  });
});
