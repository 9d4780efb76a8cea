/** A hub that is stopped and started again goes on where it was: nothing is written, published or counted twice. */
import { rmSync } from 'node:fs';
import { z } from 'zod';
import { startHub } from '../../libs/stack';
import type { RunningHub } from '../../libs/stack';
import { isolatedEnvironment, newTestHome } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { HubView, queryOnce } from './hub-view';
import { martDifferences, sandboxState } from './sandbox-mart';

const STYLES = 20;
const PATIENT = { timeoutMs: 60_000, everyMs: 200 };

jest.setTimeout(240_000);

const Status = z.object({
  connectors: z.array(
    z.object({
      system: z.string(),
      phase: z.string(),
      read: z.number().nullable(),
      changes: z.number().nullable(),
    }),
  ),
  records: z.array(z.unknown()),
  refused: z.array(z.unknown()),
  exceptions: z.array(z.unknown()),
  problems: z.array(z.string()),
});

describe('a hub that is stopped and started again', () => {
  const home = newTestHome();
  const env = { ...isolatedEnvironment(), PLYTIX_SWEEP_INTERVAL_MS: '1000', MILLRACE_LEASE_TTL_MS: '2000' };
  let sut: RunningHub | undefined;
  let view: HubView | undefined;

  beforeAll(async () => {
    await start();
  }, 120_000);

  afterAll(async () => {
    await view?.close().catch(() => undefined);
    await sut?.stop();
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  async function start(): Promise<void> {
    sut = await startHub({ home, env, products: STYLES });
    const { kafka, registry, postgres, mart } = sut.run;
    view = await HubView.open(
      {
        KAFKA_BROKERS: kafka.brokers.join(','),
        SCHEMA_REGISTRY_URL: registry.url,
        DATABASE_URL: postgres.url,
        MART_URL: mart.url,
      },
      ['plytix', 'centric'],
    );
  }

  async function stop(): Promise<void> {
    await view?.close();
    view = undefined;
    await sut?.stop();
    sut = undefined;
  }

  const run = () => sut!.run;
  const sandbox = () => run().sandboxes.plytix!;

  async function call(method: string, path: string, body?: object): Promise<Response> {
    const { authUrl, url, apiKey, apiPassword } = sandbox();
    const login = await fetch(`${authUrl}/auth/api/get-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ api_key: apiKey, api_password: apiPassword }),
    });
    const { data } = (await login.json()) as { data: { access_token: string }[] };
    const headers = { authorization: `Bearer ${data[0]?.access_token}`, 'content-type': 'application/json' };
    return fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  }

  async function untilMartAgrees(): Promise<void> {
    const compare = () => martDifferences(run().mart.url, sandbox().adminUrl);
    await waitFor('the mart to agree with Plytix', async () => (await compare()).length === 0, PATIENT).catch(
      () => undefined,
    );
    expect((await compare()).slice(0, 20)).toEqual([]);
    await view!.quiet();
  }

  /** Waits until every source has polled and swept since this moment, and both groups read again. */
  async function untilAtWork(sinceMs: number): Promise<void> {
    await waitFor(
      'the sources to have polled again',
      async () => {
        const tasks = await queryOnce<{ polled: boolean }>(
          run().postgres.url,
          `select coalesce((detail ->> 'last_poll_at')::timestamptz > to_timestamp(${sinceMs / 1000}), false) as polled
           from lease where name like 'source:%'`,
        );
        return tasks.length === 2 && tasks.every(({ polled }) => polled);
      },
      PATIENT,
    );
    await view!.joined();
    await view!.quiet();
  }

  /** Everything that must not move: rows with the time they were written, records with their place, counters. */
  async function standing(): Promise<Record<string, unknown>> {
    const rows = (url: string, sql: string) => queryOnce(url, sql);
    const records = await view!.records();
    const { control, mart, postgres } = run();
    const status = await fetch(`${control.url}/status`, {
      headers: { authorization: `Bearer ${control.token}` },
    });
    return {
      products: await rows(mart.url, 'select hub_id, version, written_at from product order by 1'),
      variants: await rows(mart.url, 'select hub_id, version, written_at from variant order by 1'),
      sequences: await rows(
        postgres.url,
        'select system, entity, hub_id, sequence, live from source_record order by 1, 2, 3',
      ),
      versions: await rows(postgres.url, 'select hub_id, version, live from golden_record order by 1'),
      records: records.map(({ topic, partition, offset, ceId, version }) =>
        [topic, partition, offset, ceId, version].join(' '),
      ),
      status: Status.parse(await status.json()),
    };
  }

  it('writes no row, publishes no record and counts no change again', async () => {
    await untilMartAgrees();
    const state = await sandboxState(sandbox().adminUrl);
    const [first, second, third] = state.filter((row) => row.product_level === 1);
    expect((await call('PATCH', `/api/v2/products/${first!.id}`, { sku: 'RENAMED' })).status).toBe(200);
    expect((await call('PATCH', `/api/v2/products/${second!.id}`, { label: 'Edited' })).status).toBe(200);
    expect((await call('DELETE', `/api/v2/products/${third!.id}`)).status).toBe(204);
    await untilMartAgrees();
    await untilAtWork(Date.now());
    const before = await standing();
    expect(before.products).toHaveLength(STYLES);
    expect(before.status).toMatchObject({ problems: [] });

    await stop();
    const stoppedAtMs = Date.now();
    await start();
    await untilAtWork(stoppedAtMs);
    expect(await standing()).toEqual(before);

    // It does read and write: what is edited now arrives.
    expect((await call('PATCH', `/api/v2/products/${second!.id}`, { label: 'Edited again' })).status).toBe(
      200,
    );
    await untilMartAgrees();
    expect((await view!.violations()).slice(0, 20)).toEqual([]);
  });
});
