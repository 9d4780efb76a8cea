import { MockAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import type { Dispatcher } from 'undici';
import { SchemaRegistryClient } from './registry';
import { registryAddress, registrySettingsFromEnv } from './registry-http';

const ORIGIN = 'http://registry.test';

describe('requests to the registry', () => {
  let agent: MockAgent;
  let former: Dispatcher;
  beforeEach(() => {
    former = getGlobalDispatcher();
    agent = new MockAgent();
    agent.disableNetConnect();
    setGlobalDispatcher(agent);
  });
  afterEach(() => setGlobalDispatcher(former));

  const answer = (path: string, status: number, body: string) =>
    agent.get(ORIGIN).intercept({ path, method: 'GET' }).reply(status, body);

  test('an HTML page is told from an answer', async () => {
    answer('/schemas/ids/1', 200, '<html>Sign in</html>');
    const sut = new SchemaRegistryClient({ url: ORIGIN });
    await expect(sut.schemaById(1)).rejects.toMatchObject({
      kind: 'config',
      message: `reading schema 1 at ${ORIGIN}: the answer (status 200) is HTML, not JSON`,
    });
  });

  test('a server in trouble is waited for, even if it says so in HTML', async () => {
    answer('/schemas/ids/1', 502, '<html>Bad gateway</html>');
    const sut = new SchemaRegistryClient({ url: ORIGIN });
    await expect(sut.schemaById(1)).rejects.toMatchObject({ kind: 'transient', status: 502 });
  });

  test('JSON of another service is not taken for a schema', async () => {
    answer('/schemas/ids/1', 200, '{"hello":"world"}');
    const sut = new SchemaRegistryClient({ url: ORIGIN });
    await expect(sut.schemaById(1)).rejects.toThrow(/the answer is not that of a registry/);
  });

  test('a schema is asked for once, also by many at the same time', async () => {
    answer('/schemas/ids/7', 200, '{"schema":"\\"string\\""}');
    const sut = new SchemaRegistryClient({ url: ORIGIN });
    const all = await Promise.all([sut.schemaById(7), sut.schemaById(7)]);
    expect([...all, await sut.schemaById(7)]).toEqual(['"string"', '"string"', '"string"']);
    expect(agent.pendingInterceptors()).toEqual([]);
  });

  test('credentials in the address are sent and never shown', async () => {
    const url = 'http://hub:s%40crt@registry.test/';
    expect(registryAddress({ url })).toEqual({
      base: ORIGIN,
      auth: { username: 'hub', password: 's@crt' },
    });
    const basic = `Basic ${Buffer.from('hub:s@crt').toString('base64')}`;
    agent
      .get(ORIGIN)
      .intercept({ path: '/schemas/ids/1', method: 'GET', headers: { authorization: basic } })
      .reply(401, '{"message":"no","error_code":401}');
    const failing = new SchemaRegistryClient({ url }).schemaById(1);
    await expect(failing).rejects.toMatchObject({ code: 'registry_unauthorised', kind: 'config' });
    await expect(failing).rejects.toThrow(`reading schema 1 at ${ORIGIN}: no`);
  });

  test('the environment gives address and credentials', () => {
    expect(
      registrySettingsFromEnv({
        SCHEMA_REGISTRY_URL: ORIGIN,
        SCHEMA_REGISTRY_USERNAME: 'hub',
        SCHEMA_REGISTRY_PASSWORD: 'word',
      }),
    ).toEqual({ url: ORIGIN, auth: { username: 'hub', password: 'word' } });
    expect(() => registrySettingsFromEnv({})).toThrow(/SCHEMA_REGISTRY_URL: it is not set/);
  });

  /** The registry refuses to change its level, and tells `after` when it is asked again. */
  const refuseLevel = (status: number, after: string): void => {
    answer('/config', 200, '{"compatibilityLevel":"BACKWARD"}');
    const body = '{"message":"no","error_code":40301}';
    agent.get(ORIGIN).intercept({ path: '/config', method: 'PUT' }).reply(status, body);
    answer('/config', 200, JSON.stringify({ compatibilityLevel: after }));
  };

  test('a registry whose global level may not be changed is told, not fatal', async () => {
    refuseLevel(403, 'BACKWARD');
    const sut = new SchemaRegistryClient({ url: ORIGIN });
    expect(await sut.prepare()).toMatchObject({ ok: false, level: 'BACKWARD', reason: expect.any(String) });
  });

  test('a global level that another process has set in between is as good as our own', async () => {
    refuseLevel(409, 'FULL_TRANSITIVE');
    expect(await new SchemaRegistryClient({ url: ORIGIN }).prepare()).toEqual({ ok: true });
  });
});
