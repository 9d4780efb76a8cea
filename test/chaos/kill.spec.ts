/**
 * Parts are killed (-9) in turn in the middle of a snapshot of 3,300 records, while people edit. Afterwards the
 * mart says what Plytix says, and every topic keeps what the design promises of it.
 */
import { SpecSandbox } from '../../apps/sandbox/plytix/testkit/client';
import { isolatedEnvironment, ownStack } from '../support/stack';
import type { OwnStack } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { HubProcesses } from './hub-processes';
import { HubView, queryOnce } from './hub-view';
import { martDifferences, sandboxState } from './sandbox-mart';

const STYLES = 300;
const VARIANTS = 3_000;
const PATIENT = { timeoutMs: 120_000, everyMs: 100 };
/** What each search waits for its answer, while the mart keeps up with the snapshot and while it does not. */
const SEARCH_DELAY_MS = 20;
const HELD_BACK_MS = 1_500;
const FAR_AHEAD = 200;
/** Rows that have to arrive between two kills, beside those that were under way. */
const STEP = 100;

jest.setTimeout(400_000);

describe('a hub whose parts are killed in the middle of a snapshot', () => {
  let own: OwnStack;
  let plytix: SpecSandbox;
  let env: NodeJS.ProcessEnv;
  let sut: HubProcesses;
  let view: HubView | undefined;
  let searchDelayMs = 0;
  let wantedRows = STEP;

  beforeAll(async () => {
    // One after the other: when one fails, the other must be known to whoever ends it.
    plytix = await SpecSandbox.start({ products: STYLES });
    own = await ownStack();
    const { brokers, registryUrl, databaseUrl, martUrl } = own.stack.addresses;
    const { url, apiKey, apiPassword } = plytix.sandbox;
    env = {
      ...isolatedEnvironment(),
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: registryUrl,
      DATABASE_URL: databaseUrl,
      MART_URL: martUrl,
      MILLRACE_LEASE_TTL_MS: '2000',
      MILLRACE_SOURCES: 'plytix',
      PLYTIX_URL: url,
      PLYTIX_AUTH_URL: url,
      PLYTIX_API_KEY: apiKey,
      PLYTIX_API_PASSWORD: apiPassword,
      PLYTIX_PAGE_SIZE: '20',
      PLYTIX_REQUESTS_PER_10_S: '0',
      PLYTIX_REQUESTS_PER_HOUR: '0',
      PLYTIX_POLL_INTERVAL_MS: '200',
      PLYTIX_SWEEP_INTERVAL_MS: '1000',
    };
    sut = new HubProcesses(own.stack.supervisor, own.stack.paths, env);
  }, 120_000);

  afterAll(async () => {
    await Promise.allSettled([view?.close(), plytix?.sandbox.close()]);
    await own?.stop();
  }, 60_000);

  const hub = <Row extends object>(sql: string): Promise<Row[]> => queryOnce<Row>(env.DATABASE_URL!, sql);

  /** Rows in the mart, and how many records the snapshot has read beyond them. */
  async function progress(): Promise<{ rows: number; ahead: number }> {
    const counted = `select (select count(*) from product) + (select count(*) from variant) as rows`;
    const [mart] = await queryOnce<{ rows: string }>(env.MART_URL!, counted);
    const [task] = await hub<{ read: string | null }>(
      `select detail ->> 'read' as read from lease where name like 'source:plytix:%'`,
    );
    const rows = Number(mart?.rows);
    return { rows, ahead: Number(task?.read ?? 0) - rows };
  }

  /**
   * Waits until this many rows are in the mart: whatever was killed before must be back for that. Holds the vendor
   * back while the mart is far behind, so that the snapshot is still running when the next part is killed.
   */
  async function martHas(wanted: number): Promise<void> {
    const reached = async (): Promise<boolean> => {
      const { rows, ahead } = await progress();
      await slowSearches(ahead > FAR_AHEAD ? HELD_BACK_MS : SEARCH_DELAY_MS);
      return rows >= wanted;
    };
    await waitFor(`${wanted} rows in the mart`, reached, PATIENT);
  }

  /**
   * Waits until what was read before the last kill, and some more, is in the mart; returns with the vendor held back,
   * and certain that the snapshot is not complete.
   */
  async function midSnapshot(): Promise<void> {
    await martHas(wantedRows);
    await slowSearches(HELD_BACK_MS);
    const { rows, ahead } = await progress();
    wantedRows = rows + ahead + STEP;
    expect(await isSnapshotting()).toBe(true);
  }

  async function isSnapshotting(): Promise<boolean> {
    const [lease] = await hub<{ mode: string }>(
      `select source_offset ->> 'mode' as mode from lease where name like 'source:plytix:%'`,
    );
    return lease?.mode === 'snapshot';
  }

  /** The process that publishes a shard in which work waits at this moment. */
  async function publisherAtWork(): Promise<number> {
    return waitFor(
      'a publisher with work to do',
      async () => {
        const leases = await hub<{ holder: string }>(
          `select holder from lease l join outbox o on l.name = 'publisher:' || o.shard
           where l.expires_at > clock_timestamp()`,
        );
        // A lease outlives a holder that was killed.
        return leases.map(({ holder }) => Number(/:(\d+):/.exec(holder)?.[1])).find((pid) => sut.runs(pid));
      },
      { ...PATIENT, everyMs: 5 },
    );
  }

  async function slowSearches(delayMs: number): Promise<void> {
    if (delayMs === searchDelayMs) return;
    searchDelayMs = delayMs;
    await plytix.request('DELETE', '/admin/faults');
    if (delayMs === 0) return;
    const fault = { path: '/api/v2/products/search', kind: 'slow', delayMs, times: 1_000_000 };
    await plytix.request('POST', '/admin/faults', fault);
  }

  async function edit(id: string, body: { [field: string]: string | { [label: string]: string } }) {
    expect((await plytix.call('PATCH', `/api/v2/products/${id}`, body)).status).toBe(200);
  }

  it('brings the mart to what Plytix says, and keeps every promise of the topics', async () => {
    const state = await sandboxState(plytix.sandbox.adminUrl);
    const styles = state.filter((row) => row.product_level === 1);
    const variants = state.filter((row) => row.product_level === 2);
    expect([styles.length, variants.length]).toEqual([STYLES, VARIANTS]);
    const variantOf = (index: number) => variants.find((row) => row.parent_id === styles[index]!.id)!;
    await slowSearches(HELD_BACK_MS);
    await sut.start('source');
    await Promise.all([sut.start('catalog'), sut.start('sink')]);

    // Each step waits for rows that can only arrive when what was killed before works again.
    await midSnapshot();
    await sut.kill('source');
    for (let index = 0; index < 20; index++) await edit(styles[index]!.id, { label: `Edited ${index}` });

    await midSnapshot();
    await sut.kill('catalog');
    await edit(styles[30]!.id, { sku: 'RENAMED-30' });
    await edit(variantOf(31).id, { sku: 'RENAMED-31-M', attributes: { care: 'Hand wash' } });

    await midSnapshot();
    await sut.killPid(await publisherAtWork());
    expect((await plytix.call('DELETE', `/api/v2/products/${styles[40]!.id}`)).status).toBe(204);
    expect((await plytix.call('DELETE', `/api/v2/products/${variantOf(41).id}`)).status).toBe(204);

    await midSnapshot();
    await own.killAndAwait('kafka');
    for (let index = 250; index < 270; index++) await edit(styles[index]!.id, { label: `Edited ${index}` });

    await midSnapshot();
    await sut.kill('sink');
    await edit(styles[299]!.id, { sku: 'RENAMED-299' });
    await edit(styles[30]!.id, { sku: 'RENAMED-30-AGAIN' });

    await midSnapshot();
    await own.killAndAwait('postgres');
    const fresh = await plytix.call('POST', '/api/v2/products', { sku: 'NEW-1', label: 'New one' });
    expect(fresh.status).toBe(201);

    await martHas(wantedRows);
    await slowSearches(0);
    const { martUrl } = own.stack.addresses;
    const compare = () => martDifferences(martUrl, plytix.sandbox.adminUrl);
    const settled = waitFor('the mart to agree with Plytix', async () => (await compare()).length === 0, {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    await settled.catch(() => undefined);
    expect((await compare()).slice(0, 20)).toEqual([]);
    view = await HubView.open(env, ['plytix']);
    await view.quiet();
    expect(await compare()).toEqual([]);
    expect((await view.violations()).slice(0, 20)).toEqual([]);
    const open = await hub<{ class: string; message: string }>(
      `select class, message from sync_exception where state = 'open'`,
    );
    expect(open).toEqual([]);
  });
});
