import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { SyncFaultError } from '#connector-sdk';
import type { BatchWrite, SyncFault, WriteOutcome } from '#connector-sdk';
import type { PostgresSink } from '../../../libs/connectors/postgres/postgres.sink';
import { testNamespace } from '../../support/stack';
import type { TestNamespace } from '../../support/stack';
import { hubId, openMart, productWrite, queryMart, variantWrite, versionsIn } from './mart';

const statuses = (outcomes: readonly WriteOutcome[]) => outcomes.map(({ status }) => status);

async function faultOf(work: Promise<unknown>): Promise<SyncFault> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SyncFaultError) return error.fault;
  throw error;
}

/** A hundred products and a hundred variants at one version, in random order. */
function shuffled(version: number): BatchWrite[] {
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const writes = numbers.flatMap((i) => [productWrite(i, version), variantWrite(i, version)]);
  const drawn = writes.map((write) => ({ write, lot: Math.random() }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ write }) => write);
}

describe('the PostgreSQL mart', () => {
  let namespace: TestNamespace;
  let url: string;
  let sut: PostgresSink;

  beforeEach(async () => {
    namespace = await testNamespace();
    url = namespace.martUrl;
    sut = openMart(url);
    await sut.prepare();
  }, 30_000);

  afterEach(async () => {
    await sut.close();
    await namespace.dropAll();
  }, 30_000);

  it('never lets an older version overwrite a newer one, and tells which were written', async () => {
    expect(statuses(await sut.write([productWrite(1, 5)]))).toEqual(['applied']);
    const outcomes = await sut.write([productWrite(2, 1), productWrite(1, 3), variantWrite(9, 1)]);
    expect(statuses(outcomes)).toEqual(['applied', 'unchanged', 'applied']);
    expect(statuses(await sut.write([productWrite(1, 5, { code: 'other' })]))).toEqual(['unchanged']);
    expect(await queryMart(url, 'select code, name from product order by hub_id')).toEqual([
      { code: 'ST-1', name: 'v5' },
      { code: 'ST-2', name: 'v1' },
    ]);
  });

  it('does not let a late update resurrect a deleted record, also one that it had never seen', async () => {
    await sut.write([variantWrite(1, 4, { sku: 'S-1', product: 'P-1', name: 'Shirt', size: 'M' })]);
    expect(statuses(await sut.write([variantWrite(1, 6, null), variantWrite(2, 9, null)]))).toEqual([
      'applied',
      'applied',
    ]);
    expect(statuses(await sut.write([variantWrite(1, 5), variantWrite(2, 8)]))).toEqual([
      'unchanged',
      'unchanged',
    ]);
    const rows = await queryMart(
      url,
      'select sku, product_code, name, size, supplied, version, deleted_at is not null as deleted from variant order by hub_id',
    );
    expect(rows).toEqual([
      {
        sku: 'S-1',
        product_code: 'P-1',
        name: null,
        size: null,
        supplied: null,
        version: '6',
        deleted: true,
      },
      { sku: null, product_code: null, name: null, size: null, supplied: null, version: '9', deleted: true },
    ]);
    expect(statuses(await sut.write([variantWrite(1, 7)]))).toEqual(['applied']);
    const [back] = await queryMart(url, 'select sku, deleted_at from variant where hub_id = $1', [hubId(1)]);
    expect(back).toEqual({ sku: 'SKU-1', deleted_at: null });
  });

  it('stores attributes where people look for them, exactly', async () => {
    const media = [{ asset_id: 'plytix:1', role: 'hero', position: 1, url: null }];
    await sut.write([
      productWrite(1, 1, {
        code: 'ST-1',
        brand: null,
        launch_date: '2026-03-01',
        categories: ['Women/Shirts', 'Sale, "50%"'],
        media,
        'localised.name': { de: 'Hemd' },
        'custom.weight': { kind: 'decimal', decimal: '12.50' },
        'price.eur': { kind: 'decimal', decimal: '49.90' },
        hem: 'raw',
      }),
    ]);
    const [row] = await queryMart(
      url,
      `select code, brand, name, launch_date::text, categories, media, localised, custom, price, inventory, rest, supplied,
              changed_at, written_at > now() - interval '1 minute' as fresh from product`,
    );
    expect(row).toEqual({
      code: 'ST-1',
      brand: null,
      name: null,
      launch_date: '2026-03-01',
      categories: ['Women/Shirts', 'Sale, "50%"'],
      media,
      localised: { name: { de: 'Hemd' } },
      custom: { weight: '12.50' },
      price: { eur: '49.90' },
      inventory: null,
      rest: { hem: 'raw' },
      supplied: [
        'brand',
        'categories',
        'code',
        'custom.weight',
        'hem',
        'launch_date',
        'localised.name',
        'media',
        'price.eur',
      ],
      changed_at: new Date('2026-11-02T00:00:00Z'),
      fresh: true,
    });
  });

  it('isolates poisoned records: the others of the batch are written', async () => {
    // Found beforehand: NUL. Found by the server only: an index entry of more than a third of a page (54000).
    const tooLong = randomBytes(9_000).toString('base64');
    const writes: BatchWrite[] = Array.from({ length: 50 }, (_, i) => productWrite(i, 1));
    writes[7] = productWrite(7, 1, { code: 'ST-7', name: 'a\0b' });
    writes[20] = productWrite(20, 1, { code: tooLong });
    writes[49] = productWrite(49, 1, { code: `${tooLong}x` });
    const outcomes = await sut.write(writes);
    const failed = outcomes.flatMap((outcome, i) =>
      outcome.status === 'failed' ? [[i, outcome.fault]] : [],
    );
    expect(failed).toEqual([
      [7, expect.objectContaining({ kind: 'rejected', code: 'not_text', attribute: 'name' })],
      [20, expect.objectContaining({ kind: 'rejected', code: 'sqlstate_54000' })],
      [49, expect.objectContaining({ kind: 'rejected', code: 'sqlstate_54000' })],
    ]);
    const versions = await versionsIn(url, 'product');
    expect(versions.size).toBe(47);
    expect(statuses(await sut.write([productWrite(7, 2)]))).toEqual(['applied']);
  });

  it('lets two writers with common records go on without a deadlock, to the highest version', async () => {
    const other = openMart(url, { MART_MAX_STATEMENT_ROWS: '25' });
    try {
      const series = async (sink: PostgresSink, versions: readonly number[]) => {
        for (const version of versions) await sink.write(shuffled(version));
      };
      const odd = Array.from({ length: 15 }, (_, i) => 2 * i + 1);
      await Promise.all([
        series(sut, odd),
        series(sut, odd.map((v) => v + 1).toReversed()),
        series(
          other,
          odd.map((v) => v + 1),
        ),
      ]);
    } finally {
      await other.close();
    }
    for (const table of ['product', 'variant'] as const) {
      const versions = await versionsIn(url, table);
      expect(versions.size).toBe(100);
      expect(new Set(versions.values())).toEqual(new Set([30]));
    }
  });

  it('throws a transient fault when the connection is cut, and goes on with the next write', async () => {
    await sut.write([productWrite(1, 1)]);
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name = 'millrace sink' and datname = current_database()`;
    const holder = new Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin; update product set name = name');
    const waiting = faultOf(sut.write([productWrite(1, 2), productWrite(2, 2)]));
    await expectEventually(async () => {
      const [{ n }] = (await queryMart<{ n: string }>(
        url,
        `select count(*) as n from pg_stat_activity where application_name = 'millrace sink'
         and datname = current_database() and wait_event_type = 'Lock'`,
      )) as [{ n: string }];
      return n === '1';
    });
    await queryMart(url, cut);
    expect(await waiting).toMatchObject({ kind: 'transient' });
    await holder.query('rollback');
    await holder.end();
    expect(statuses(await sut.write([productWrite(1, 2), productWrite(2, 2)]))).toEqual([
      'applied',
      'applied',
    ]);
  });

  it('asks the platform team when the table is gone or the password is wrong', async () => {
    await queryMart(url, 'drop table product');
    expect(await faultOf(sut.write([productWrite(1, 1)]))).toMatchObject({
      kind: 'config',
      code: 'sqlstate_42P01',
    });
    const stranger = new URL(url);
    stranger.password = 'wrong';
    const refused = openMart(stranger.href);
    expect(await faultOf(refused.prepare())).toMatchObject({ kind: 'config', code: 'sqlstate_28P01' });
    await refused.close();
  });

  describe('preparing', () => {
    it('may happen several times at once, in a schema of its own with a strange name', async () => {
      const sinks = Array.from({ length: 4 }, () => openMart(url, { MART_SCHEMA: 'the "mart"' }));
      await Promise.all(sinks.map((sink) => sink.prepare()));
      expect(statuses(await sinks[0]!.write([productWrite(1, 1)]))).toEqual(['applied']);
      await Promise.all(sinks.map((sink) => sink.close()));
      const steps = await queryMart(url, 'select number, name from "the ""mart""".millrace_sink_migration');
      expect(steps).toEqual([{ number: 1, name: 'product and variant' }]);
    });

    it('explains every table and column in the database itself', async () => {
      const bare = await queryMart(
        url,
        `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = 'public'::regnamespace and c.relname in ('product', 'variant')
           and (a.attnum > 0 and a.attname = any ('{hub_id,version,supplied,custom,localised,media,deleted_at,written_at}'))
           and col_description(c.oid, a.attnum) is null
         union all select relname, null from pg_class
         where relname in ('product', 'variant') and obj_description(oid) is null`,
      );
      expect(bare).toEqual([]);
    });

    it('leaves a table alone that somebody else made', async () => {
      await queryMart(url, 'create schema shop');
      await queryMart(url, 'create table shop.product (id integer)');
      const other = openMart(url, { MART_SCHEMA: 'shop' });
      expect(await faultOf(other.prepare())).toMatchObject({ kind: 'config', code: 'table_taken' });
      await other.close();
      const tables = await queryMart(url, `select tablename from pg_tables where schemaname = 'shop'`);
      expect(tables).toEqual([{ tablename: 'product' }]);
    });

    it('refuses a mart that a newer release has changed', async () => {
      await queryMart(
        url,
        `insert into millrace_sink_migration (number, name) values (99, 'from the future')`,
      );
      expect(await faultOf(sut.prepare())).toMatchObject({ kind: 'config', code: 'mart_newer' });
    });
  });
});

async function expectEventually(condition: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error('waiting for a condition: it has not come true within 5 s');
  }
}
