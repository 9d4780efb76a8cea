import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TopicNames } from '#contracts';
import type { GroupLag, LogAdmin } from '#kafka';
import { ControlModule } from './control.module';
import { HubRepository } from './hub.repository';
import type { ExceptionFilter } from './hub.repository';
import type { AdminConnector } from './lag.service';
import { FilePartsRepository } from './parts.repository';
import type { ConnectorStatus, ExceptionStatus, HubStatus } from './status.types';

const TOKEN = 'a-token-of-sixteen-or-more';
const AT = '2026-11-21T10:00:00.000Z';

class FakeHub extends HubRepository {
  failure: Error | null = null;
  asked: ExceptionFilter[] = [];
  readonly plytix: ConnectorStatus = {
    system: 'plytix',
    task: 'products',
    phase: 'streaming',
    held: true,
    holder: 'source-1',
    read: 3_300,
    total: 3_300,
    lastPollAt: AT,
    lastChangeAt: AT,
    changes: 12,
  };

  ping = () => this.answer(undefined);
  connectors = () => this.answer([this.plytix]);
  records = () => this.answer([{ entity: 'product', live: 300, deleted: 2 }]);
  refused = () =>
    this.answer([{ system: 'plytix', entity: 'variant', group: 'inventory', values: 41, occurrences: 57 }]);
  exceptionCounts = () => this.answer([{ class: 'duplicate_key', severity: 'error', open: 3, oldestAt: AT }]);
  outbox = () => this.answer([{ shard: 1, rows: 4, oldestAt: AT }]);
  exceptions = (filter: ExceptionFilter) => {
    this.asked.push(filter);
    return this.answer<ExceptionStatus[]>([]);
  };

  private answer<T>(value: T): Promise<T> {
    return this.failure === null ? Promise.resolve(value) : Promise.reject(this.failure);
  }
}

class FakeAdmin implements LogAdmin {
  failure: Error | null = null;
  closed = 0;
  asked: [string, readonly string[]][] = [];
  groups = ['hub.catalog', 'hub.sink.postgres', 'other.catalog', 'shop-search'];
  lags: GroupLag[] = [];

  ensureTopics = () => Promise.resolve();
  listTopics = () =>
    this.answer([
      { name: 'hub.plytix.product', partitions: 2 },
      { name: 'hub.catalog.product', partitions: 2 },
      { name: 'hub.dead-letter', partitions: 1 },
      { name: 'hubble.plytix.product', partitions: 2 },
    ]);
  topicOffsets = () =>
    this.answer([
      { partition: 0, earliest: 10n, latest: 25n },
      { partition: 1, earliest: 0n, latest: 5n },
    ]);
  offsetsAt = () => this.answer([]);
  listGroups = () => this.answer(this.groups);
  groupLag = (groupId: string, topics: readonly string[]) => {
    this.asked.push([groupId, topics]);
    return this.answer(this.lags.filter((lag) => lag.groupId === groupId));
  };
  deleteTopics = () => Promise.resolve();
  close = () => {
    this.closed += 1;
    return Promise.resolve();
  };

  private answer<T>(value: T): Promise<T> {
    return this.failure === null ? Promise.resolve(value) : Promise.reject(this.failure);
  }
}

const partition = (index: number, committed: bigint | null, latest: bigint) => ({
  partition: index,
  committed,
  latest,
  lag: committed === null ? null : latest - committed,
});

describe('control API', () => {
  let app: INestApplication;
  let url: string;
  let home: string;
  let hub: FakeHub;
  let admin: FakeAdmin;
  let opened: number;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-control-'));
    [hub, admin, opened] = [new FakeHub(), new FakeAdmin(), 0];
    const connector: AdminConnector = {
      open: () => {
        opened += 1;
        return Promise.resolve(admin);
      },
    };
    const ports = {
      token: TOKEN,
      names: new TopicNames('hub'),
      hub,
      parts: new FilePartsRepository(home),
      admin: connector,
    };
    const module = await Test.createTestingModule({ imports: [ControlModule.register(ports)] }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterEach(async () => {
    await app.close();
    await rm(home, { recursive: true });
  });

  const get = (path: string, token = TOKEN) =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const status = async () => (await (await get('/status')).json()) as HubStatus;

  describe('access', () => {
    it.each(['/status', '/metrics', '/topics', '/exceptions'])(
      'refuses %s without the token',
      async (path) => {
        expect((await fetch(`${url}${path}`)).status).toBe(401);
        expect((await get(path, 'wrong')).status).toBe(401);
        expect((await get(path, '')).status).toBe(401);
      },
    );

    it('answers /health without a token', async () => {
      const answer = await fetch(`${url}/health`);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ status: 'ok', checks: { database: 'ok', kafka: 'ok' } });
    });
  });

  it('answers /health with 503 and the reason while the database is away', async () => {
    hub.failure = new Error('connect ECONNREFUSED');
    const answer = await fetch(`${url}/health`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ checks: { database: 'connect ECONNREFUSED', kafka: 'ok' } });
  });

  describe('status', () => {
    it('puts parts, connectors, records, refusals, exceptions and outbox together', async () => {
      const part = { name: 'source', state: 'running', since: Date.parse(AT), pid: 42, restarts: 1 };
      await writeFile(join(home, 'supervisor.json'), JSON.stringify({ pid: 1, parts: [part] }));
      expect(await status()).toMatchObject({
        topicPrefix: 'hub',
        parts: [{ ...part, since: AT, lastExit: null }],
        connectors: [hub.plytix],
        records: [{ entity: 'product', live: 300, deleted: 2 }],
        refused: [{ system: 'plytix', group: 'inventory', occurrences: 57 }],
        exceptions: [{ class: 'duplicate_key', open: 3 }],
        outbox: [{ shard: 1, rows: 4 }],
        problems: [],
      });
    });

    it('asks for the lag of our own groups only, in the topics that each reads', async () => {
      await status();
      expect(admin.asked).toEqual([
        ['hub.catalog', ['hub.plytix.product']],
        ['hub.sink.postgres', ['hub.catalog.product']],
      ]);
    });

    it('counts a partition without a commit in full, and a topic without any as unknown', async () => {
      admin.lags = [
        {
          groupId: 'hub.catalog',
          topic: 'hub.plytix.product',
          partitions: [partition(0, 7n, 10n), partition(1, null, 5n)],
        },
        { groupId: 'hub.sink.postgres', topic: 'hub.catalog.product', partitions: [partition(0, null, 9n)] },
      ];
      const { groups } = await status();
      expect(groups.map(({ group, lag }) => [group, lag])).toEqual([
        ['hub.catalog', 8],
        ['hub.sink.postgres', null],
      ]);
    });

    it('tells what it could not read, once, and still answers with the rest', async () => {
      hub.failure = new Error('connect ECONNREFUSED');
      const answer = await status();
      expect(answer.problems).toEqual(['reading the hub database: connect ECONNREFUSED']);
      expect(answer.records).toEqual([]);
    });

    it('opens a new connection to Kafka after an error', async () => {
      admin.failure = new Error('no broker available');
      expect((await status()).problems).toEqual(['reading lag from Kafka: no broker available']);
      admin.failure = null;
      expect((await status()).problems).toEqual([]);
      expect([opened, admin.closed]).toEqual([2, 1]);
    });

    it('says so when the file of the supervisor is damaged', async () => {
      await writeFile(join(home, 'supervisor.json'), '{"parts":');
      expect((await status()).problems).toEqual([
        'reading parts: reading supervisor.json: it is not a list of parts',
      ]);
    });
  });

  it('lists the topics of this hub, not those of another prefix', async () => {
    expect(await (await get('/topics')).json()).toEqual([
      { name: 'hub.catalog.product', partitions: 2, offsets: 20 },
      { name: 'hub.dead-letter', partitions: 1, offsets: 20 },
      { name: 'hub.plytix.product', partitions: 2, offsets: 20 },
    ]);
  });

  describe('exceptions', () => {
    it('lists the open ones unless asked otherwise', async () => {
      await get('/exceptions');
      await get('/exceptions?state=all&class=duplicate_key&limit=5');
      expect(hub.asked).toEqual([
        { state: 'open', limit: 100 },
        { state: 'all', class: 'duplicate_key', limit: 5 },
      ]);
    });

    it.each(['limit=0', 'limit=many', 'state=closed', 'colour=red'])(
      'answers 400 for %s and names it',
      async (query) => {
        const answer = await get(`/exceptions?${query}`);
        expect(answer.status).toBe(400);
        expect(JSON.stringify(await answer.json())).toContain(query.split('=')[0]);
      },
    );
  });

  describe('metrics', () => {
    it('shows the status under the names of dashboards', async () => {
      admin.lags = [
        {
          groupId: 'hub.sink.postgres',
          topic: 'hub.catalog.product',
          partitions: [
            { partition: 0, committed: 7n, latest: 10n, lag: 3n },
            { partition: 1, committed: 5n, latest: 6n, lag: 1n },
          ],
        },
      ];
      const answer = await get('/metrics');
      expect(answer.headers.get('content-type')).toContain('text/plain');
      const text = await answer.text();
      const topic = 'topic="hub.catalog.product"';
      for (const line of [
        'millrace_golden_records{entity="product"} 300',
        'millrace_open_exceptions{class="duplicate_key",severity="error"} 3',
        'millrace_denied_occurrences{system="plytix",entity="variant"} 57',
        'millrace_outbox_rows{shard="1"} 4',
        'millrace_source_streaming{system="plytix",task="products"} 1',
        `kafka_consumergroup_group_lag{group="hub.sink.postgres",${topic},partition="0"} 3`,
        'kafka_consumergroup_group_max_lag{group="hub.sink.postgres"} 3',
        'kafka_consumergroup_group_sum_lag{group="hub.sink.postgres"} 4',
        `kafka_partition_latest_offset{${topic},partition="1"} 6`,
      ]) {
        expect(text.split('\n')).toContain(line);
      }
    });

    it('forgets what is gone, and does not add up over scrapes', async () => {
      await get('/metrics');
      hub.exceptionCounts = () => Promise.resolve([]);
      const text = await (await get('/metrics')).text();
      expect(text).not.toContain('millrace_open_exceptions{');
      expect(text).toContain('millrace_denied_occurrences{system="plytix",entity="variant"} 57');
    });
  });
});
