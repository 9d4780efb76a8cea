/**
 * Two systems edit the same 200 products at once, while the group of catalogs that folds them grows and shrinks.
 * Each edit changes exactly one golden record, so versions can be counted: none is lost, none is made twice.
 */
import { rmSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { readRules, SourceHost } from '#runtime';
import { HomePaths, Supervisor } from '../../libs/stack';
import { ScriptedVendor } from '../support/scripted-vendor';
import { isolatedEnvironment, newTestHome, testNamespace } from '../support/stack';
import type { TestNamespace } from '../support/stack';
import { namespaceEnv } from '../support/test-hub';
import { waitFor } from '../support/wait-for';
import { HubProcesses } from './hub-processes';
import { HubView, queryOnce } from './hub-view';

const PRODUCTS = 200;
const PAGE = 50;
const ROUNDS = 10;

jest.setTimeout(240_000);

interface Golden {
  code: string;
  version: number;
  name: string;
  season: string;
  theme: string | null;
}

describe('two systems and a changing group of catalogs', () => {
  const plytix = new ScriptedVendor('plytix');
  const centric = new ScriptedVendor('centric');
  const stops: (() => unknown)[] = [];
  let namespace: TestNamespace;
  let sut: HubProcesses;
  let view: HubView;

  beforeAll(async () => {
    namespace = await testNamespace();
    stops.push(() => namespace.dropAll());
    const env = { ...isolatedEnvironment(), ...namespaceEnv(namespace) };
    sut = startSupervisor(env);
    view = await HubView.open(env, ['plytix', 'centric']);
    stops.push(() => view.close());
    await Promise.all([sut.start('catalog', 'catalog-1'), sut.start('catalog', 'catalog-2')]);
    await Promise.all([sut.start('sink', 'sink-1'), sut.start('sink', 'sink-2')]);
    say(0);
    await startSources(view);
  }, 120_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch(() => undefined);
  }, 60_000);

  function startSupervisor(env: NodeJS.ProcessEnv): HubProcesses {
    const paths = new HomePaths(newTestHome());
    const supervisor = new Supervisor(paths);
    stops.push(async () => {
      await supervisor.stopInOrder([]);
      supervisor.close();
      rmSync(paths.home, { recursive: true, force: true });
    });
    return new HubProcesses(supervisor, paths, env);
  }

  async function startSources({ hub }: HubView): Promise<void> {
    const publishers = hub.publisherHost();
    await publishers.start();
    stops.push(() => publishers.stop());
    const sources = new SourceHost(hub, publishers, readRules(hub.settings.schemasDir));
    stops.push(() => sources.stop());
    const times = { pollIntervalMs: 50, sweepIntervalMs: 3_600_000 };
    for (const vendor of [plytix, centric])
      await sources.add({ definition: vendor.definition(), config: {}, ...times });
  }

  /** Both systems change every product, in the same order, page by page. Each also says what the other owns. */
  function say(round: number): void {
    for (let first = 0; first < PRODUCTS; first += PAGE) {
      const codes = Array.from({ length: PAGE }, (_, index) => first + index);
      plytix.change(...codes.map((n) => ['product', `p${n}`, ofPlytix(n, round)] as ProductChange));
      centric.change(...codes.map((n) => ['product', `C${n}`, ofCentric(n, round)] as ProductChange));
    }
  }

  type ProductChange = Parameters<ScriptedVendor['change']>[number];

  const ofPlytix = (n: number, round: number) => ({
    sku: `ST-${n}`,
    label: `Name ${round} of ${n}`,
    'attributes.season': { kind: 'string' as const, string: `not Plytix's to say ${round}` },
    // Said in every other round only: what is taken away is a change like any other.
    ...(round % 2 === 0 && { 'attributes.theme': { kind: 'string' as const, string: `Theme ${round}` } }),
  });

  const ofCentric = (n: number, round: number) => ({
    code: `ST-${n}`,
    name: `not Centric's to say ${round}`,
    season: `Season ${round} of ${n}`,
  });

  const golden = (): Promise<Golden[]> =>
    queryOnce<Golden>(
      namespace.databaseUrl,
      `select attributes ->> 'code' as code, version::int, attributes ->> 'name' as name,
         attributes ->> 'season' as season, attributes -> 'custom.theme' ->> 'string' as theme
       from golden_record where live order by length(attributes ->> 'code'), 1`,
    );

  /** Waits until part of a round has been folded: the rest of it is under way then. */
  async function folding(round: number): Promise<void> {
    const isFolded = ({ name, season }: Golden): boolean =>
      name.startsWith(`Name ${round} `) || season.startsWith(`Season ${round} `);
    await waitFor(`round ${round} to be folded in part`, async () => (await golden()).some(isFolded), {
      timeoutMs: 60_000,
      everyMs: 20,
    });
  }

  /**
   * Says a round and kills a catalog while it has a batch of it in its hands that is not committed: its first look
   * at the contributions waits for us.
   */
  async function killInCommit(name: string, round: number): Promise<void> {
    const blocker = new Client({ connectionString: namespace.databaseUrl });
    await blocker.connect();
    try {
      await blocker.query('begin; lock table millrace.contribution in access exclusive mode');
      say(round);
      await waitFor(`${name} to have a batch under way`, async () => {
        const waiting = await queryOnce<{ name: string }>(
          namespace.databaseUrl,
          `select application_name as name from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.some((session) => session.name === name);
      });
      await sut.killForGood(name);
    } finally {
      await blocker.end();
    }
  }

  /** Makes the catalog's group, whose members have all left, forget its offsets: it begins at the first record. */
  async function forgetOffsets(): Promise<void> {
    const groupId = view.hub.settings.topics.group('catalog');
    const admin = new Kafka({ brokers: namespace.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      await waitFor('the group to be empty', async () => {
        const { groups } = await admin.describeGroups([groupId]);
        return groups[0]?.state === 'Empty';
      });
      await admin.deleteGroups([groupId]);
    } finally {
      await admin.disconnect();
    }
  }

  it('loses no change and publishes no version twice', async () => {
    await waitFor('all products', async () => {
      const rows = await golden();
      return rows.length === PRODUCTS && rows.every(({ season }) => season !== null);
    });
    await view.quiet();
    const before = new Map((await golden()).map(({ code, version }) => [code, version]));

    const membership: Record<number, () => Promise<void>> = {
      2: () => sut.start('catalog', 'catalog-3'),
      6: () => sut.kill('sink-1'),
      8: () => sut.stop('catalog-2'),
    };
    for (let round = 1; round <= ROUNDS; round++) {
      if (round === 4) await killInCommit('catalog-1', round);
      else say(round);
      if (membership[round]) await folding(round);
      await membership[round]?.();
    }

    const last = await waitFor(
      'the last round to be folded',
      async () => {
        const rows = await golden();
        const isLast = ({ name, season }: Golden): boolean =>
          name.startsWith(`Name ${ROUNDS} `) && season.startsWith(`Season ${ROUNDS} `);
        return rows.every(isLast) ? rows : null;
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
    expect(last).toEqual(
      Array.from({ length: PRODUCTS }, (_, n) => ({
        code: `ST-${n}`,
        version: before.get(`ST-${n}`)! + 2 * ROUNDS,
        name: `Name ${ROUNDS} of ${n}`,
        season: `Season ${ROUNDS} of ${n}`,
        theme: `Theme ${ROUNDS}`,
      })),
    );
    await view.quiet();
    expect((await view.violations()).slice(0, 20)).toEqual([]);
    const mart = await queryOnce<Golden>(
      namespace.martUrl,
      `select code, version::int, name, season, custom ->> 'theme' as theme from product
       where deleted_at is null order by length(code), 1`,
    );
    expect(mart).toEqual(last);
  });

  it('changes nothing when every source event is delivered once more', async () => {
    const published = async (): Promise<string[]> => {
      const records = await view.records();
      return records.map(({ topic, partition, offset, ceId }) => [topic, partition, offset, ceId].join(' '));
    };
    const before = { golden: await golden(), records: await published() };
    await Promise.all(['catalog-2', 'catalog-3'].map((name) => sut.stop(name)));
    await forgetOffsets();
    await sut.start('catalog', 'catalog-4');
    await view.joined();
    await view.quiet();
    expect({ golden: await golden(), records: await published() }).toEqual(before);
  });
});
