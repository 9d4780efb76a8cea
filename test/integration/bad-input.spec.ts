/**
 * Bad input of any kind ends as a clear error or a sync exception with the original kept, blocks only its own
 * key, and loses nothing.
 */
import { randomUUID } from 'node:crypto';
import { HEADER } from '#contracts';
import { connectorDefinitions } from '#connectors';
import { startPlytixSandbox } from '../../apps/sandbox/plytix';
import { PlytixApi } from '../support/plytix-api';
import { ScriptedVendor } from '../support/scripted-vendor';
import { TestHub } from '../support/test-hub';
import { waitFor } from '../support/wait-for';

jest.setTimeout(120_000);

interface ExceptionRow {
  class: string;
  state: string;
  record_key: string;
  message: string;
  original: unknown;
}

const exceptionsOf = (hub: TestHub): Promise<ExceptionRow[]> =>
  hub.query<ExceptionRow>(
    'select class, state, record_key, message, original from sync_exception order by first_at',
  );
const namesOf = async (hub: TestHub): Promise<(string | null)[]> =>
  (
    await hub.mart<{ name: string | null }>('select name from product where deleted_at is null order by code')
  ).map((row) => row.name);

describe('records that a vendor should not have sent', () => {
  const plytix = new ScriptedVendor('plytix');
  let sut: TestHub;

  beforeAll(async () => {
    sut = await TestHub.start(plytix);
  });
  afterAll(() => sut.stop());

  it('reports a product without SKU and lets its neighbours pass', async () => {
    plytix.change(
      ['product', 'p1', { sku: 'A', label: 'first' }],
      ['product', 'p2', { sku: '  ', label: 'blank' }],
      ['product', 'p3', { sku: 'C', label: 'third' }],
    );
    await sut.settled();
    expect(await namesOf(sut)).toEqual(['first', 'third']);
    const [exception] = await exceptionsOf(sut);
    expect(exception).toMatchObject({ class: 'missing_required', state: 'open', record_key: 'p2' });
    expect(exception?.original).toMatchObject({ label: 'blank' });
    plytix.change(['product', 'p2', { sku: 'B', label: 'named' }]);
    await sut.settled();
    expect(await namesOf(sut)).toEqual(['first', 'named', 'third']);
    expect((await exceptionsOf(sut)).map(({ state }) => state)).toEqual(['resolved']);
  });

  it('keeps the last good value of an attribute that cannot be stored or mapped', async () => {
    plytix.change([
      'product',
      'p1',
      { sku: 'A', label: 'good', 'attributes.care': { kind: 'string', string: '30°' } },
    ]);
    await sut.settled();
    plytix.change([
      'product',
      'p1',
      { sku: 'A', label: 'bad\u0000name', 'attributes.care': { kind: 'string', string: '60°' } },
    ]);
    await sut.settled();
    expect((await namesOf(sut))[0]).toBe('good');
    const rows = await sut.mart<{ custom: Record<string, string> }>(
      `select custom from product where code = 'A'`,
    );
    expect(rows[0]?.custom).toEqual({ care: '60°' });
    const open = (await exceptionsOf(sut)).filter(({ state }) => state === 'open');
    expect(open.map(({ class: kind, record_key: key }) => [kind, key])).toEqual([['schema_drift', 'p1']]);
  });

  it('takes hostile text as text', async () => {
    const hostile = `'; drop table product; -- \u001b[2J <script>alert(1)</script> ${'x'.repeat(50_000)}`;
    plytix.change(['product', 'p9', { sku: 'Z', label: hostile }]);
    await sut.settled();
    expect((await namesOf(sut)).at(-1)).toBe(hostile);
  });

  it('holds a record that is larger than its topic takes, and no other', async () => {
    plytix.change(
      ['product', 'big', { sku: 'BIG', label: 'y'.repeat(3_000_000) }],
      ['product', 'small', { sku: 'SMALL', label: 'small' }],
    );
    await sut.settled();
    expect(await namesOf(sut)).toContain('small');
    const [exception] = (await exceptionsOf(sut)).filter(({ record_key: key }) => key === 'big');
    expect(exception?.message).toMatch(/bytes are too many/);
  });

  it('puts undecodable records of a topic aside with their bytes, and goes on', async () => {
    const { topics } = sut.settings;
    const producer = await sut.hub.log.producer();
    const garbage = {
      topic: topics.source('plytix', 'product'),
      key: Buffer.from('k'),
      value: Buffer.from('not avro'),
    };
    const version = Buffer.alloc(8);
    version.writeBigUInt64BE(1n);
    const headers = {
      [HEADER.version]: version,
      [HEADER.hubId]: randomUUID(),
      [HEADER.productId]: randomUUID(),
      [HEADER.ceId]: 'x',
    };
    await producer.send([
      { ...garbage, partition: 0, headers: {}, timestampMs: Date.now() },
      { ...garbage, partition: 1, headers, timestampMs: Date.now() },
    ]);
    await producer.close();
    await waitFor('two exceptions', async () => {
      const undecodable = (await exceptionsOf(sut)).filter(({ message }) =>
        message.startsWith('decoding a record'),
      );
      return undecodable.length === 2;
    });
    plytix.change(['product', 'p3', { sku: 'C', label: 'after garbage' }]);
    await sut.settled();
    expect(await namesOf(sut)).toContain('after garbage');
    const [letters] = await sut.hub.admin.topicOffsets(topics.deadLetter);
    expect(letters!.latest).toBeGreaterThanOrEqual(2n);
  });
});

describe('a vendor that answers badly', () => {
  it('loses nothing to HTML with status 200, cut JSON, errors and dropped connections', async () => {
    const sandbox = await startPlytixSandbox({ products: 12, rateLimits: 'off' });
    const sut = await TestHub.start();
    try {
      const fault = (kind: string, more: object = {}): Promise<Response> =>
        fetch(`${sandbox.adminUrl}/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ path: '/api/v2/products/search', times: 1, kind, ...more }),
        });
      for (const kind of ['html200', 'truncated', 'reset']) expect((await fault(kind)).ok).toBe(true);
      expect((await fault('status', { status: 502, body: '<html>', contentType: 'text/html' })).ok).toBe(
        true,
      );
      const definition = connectorDefinitions().find(({ name }) => name === 'plytix')!;
      const env = {
        PLYTIX_URL: sandbox.url,
        PLYTIX_AUTH_URL: sandbox.url,
        PLYTIX_API_KEY: sandbox.apiKey,
        PLYTIX_API_PASSWORD: sandbox.apiPassword,
      };
      await sut.addSource({
        definition,
        config: definition.config.parse(env, 'PLYTIX_'),
        pollIntervalMs: 100,
      });
      const count = async (table: string): Promise<number> =>
        Number((await sut.mart<{ count: string }>(`select count(*) from ${table}`))[0]?.count);
      await waitFor('all products', async () => (await count('product')) === 12, { timeoutMs: 60_000 });
      await waitFor('all variants', async () => (await count('variant')) === 120, { timeoutMs: 60_000 });
      const api = new PlytixApi({ ...sandbox, authUrl: sandbox.url });
      const [row] = await sut.mart<{ code: string }>('select code from product limit 1');
      const id = await api.idOf(row!.code);
      await fault('html200');
      await fault('truncated');
      await api.patch(id, { label: 'through the storm' });
      await waitFor('the edit', async () => (await namesOf(sut)).includes('through the storm'));
    } finally {
      await sut.stop();
      await sandbox.close();
    }
  });
});
