/**
 * The first minute: one command starts the hub, and an edit in Plytix is, within two seconds, a change event, a
 * golden record and a row in PostgreSQL. Topics are read by Confluent's Python client, the table by psql.
 */
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HubProcess } from '../support/hub-process';
import { PlytixApi } from '../support/plytix-api';
import { runPython } from '../support/python';
import { waitFor } from '../support/wait-for';

jest.setTimeout(240_000);

interface PythonRecord {
  topic: string;
  key: Record<string, string>;
  value: {
    op: string;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    source: Record<string, unknown>;
    provenance?: { system: string; event_id: string; attributes: string[] }[];
    rules_version?: number;
  } | null;
  headers: Record<string, string>;
}

const SOURCE = 'millrace.plytix.product';
const CATALOG = 'millrace.catalog.product';
const sut = new HubProcess();

beforeAll(async () => {
  await sut.start('--products', '30');
  await waitFor('the first snapshot to arrive', async () => {
    const [row] = await sut.query<{ count: string }>('mart', 'select count(*) from product');
    return row?.count === '30';
  });
});

afterAll(() => sut.remove());

const psql = async (sql: string): Promise<string> =>
  (await promisify(execFile)('psql', [sut.run.mart.url, '-Atc', sql])).stdout.trim();

const consume = (...topics: string[]): Promise<PythonRecord[]> =>
  runPython('consume_topics.py', sut.run.kafka.brokers.join(','), sut.run.registry.url, ...topics);

describe('an edit in Plytix', () => {
  it('reaches PostgreSQL within two seconds, by way of both topics', async () => {
    const plytix = new PlytixApi(sut.run.sandboxes.plytix);
    const code = await psql('select code from product order by code limit 1');
    const id = await plytix.idOf(code);
    const seconds: number[] = [];
    for (const name of ['Washed Linen Shirt', "O'Brien ‘Été’ 漢字", 'Third name']) {
      const started = performance.now();
      await plytix.patch(id, { label: name });
      await waitFor(`the name ${name}`, async () => {
        const [row] = await sut.query<{ name: string }>(
          'mart',
          `select name from product where code = '${code}'`,
        );
        return row?.name === name;
      });
      seconds.push((performance.now() - started) / 1000);
    }
    process.stdout.write(`edit to row: ${seconds.map((s) => s.toFixed(2)).join(' s, ')} s\n`);
    expect(Math.min(...seconds)).toBeLessThan(2);
    expect(await psql(`select name from product where code = '${code}'`)).toBe('Third name');

    const records = await consume(SOURCE, CATALOG);
    const ofProduct = records.filter((record) => record.key.code === code);
    const [said] = ofProduct.filter((record) => record.topic === SOURCE).slice(-1);
    const [golden] = ofProduct.filter((record) => record.topic === CATALOG).slice(-1);
    expect(said?.value).toMatchObject({
      op: 'u',
      before: { name: "O'Brien ‘Été’ 漢字" },
      after: { name: 'Third name', code },
      source: { connector: 'plytix', system: 'plytix', entity: 'product', vendor_id: id },
    });
    expect(golden?.value).toMatchObject({ op: 'u', after: { name: 'Third name' }, rules_version: 1 });
    const origin = golden?.value?.provenance?.find(({ attributes }) => attributes.includes('name'));
    expect(origin).toMatchObject({ system: 'plytix', event_id: said?.headers['ce_id'] });
    expect(golden?.headers).toMatchObject({
      ce_type: 'millrace.product.updated',
      ce_specversion: '1.0',
      'millrace-id': said?.headers['millrace-id'],
    });
  });

  it('ends in a delete event and a tombstone when the product is deleted', async () => {
    const plytix = new PlytixApi(sut.run.sandboxes.plytix);
    const code = await psql('select code from product where deleted_at is null order by code desc limit 1');
    await plytix.delete(await plytix.idOf(code));
    await waitFor(
      `${code} to end`,
      async () => (await psql(`select deleted_at is not null from product where code = '${code}'`)) === 't',
      { timeoutMs: 60_000, everyMs: 250 },
    );
    const variants = await psql(
      `select count(*) from variant where product_code = '${code}' and deleted_at is null`,
    );
    expect(variants).toBe('0');
    const [ended, tombstone] = (await consume(CATALOG))
      .filter((record) => record.key.code === code)
      .slice(-2);
    expect(ended?.value).toMatchObject({ op: 'd', after: null, before: { code } });
    expect(tombstone?.value).toBeNull();
    expect(tombstone?.headers['ce_id']).toBe(ended?.headers['ce_id']);
  });

  it('never lets stock through: it is refused, counted and shown', async () => {
    const plytix = new PlytixApi(sut.run.sandboxes.plytix);
    const sku = await psql('select sku from variant where deleted_at is null order by sku limit 1');
    await plytix.patch(await plytix.idOf(sku), { attributes: { stock: 4711 } });
    await waitFor('the refusal', async () => {
      const rows = await sut.query(
        'postgres',
        `select 1 from millrace.denied_value where value::text like '%4711%'`,
      );
      return rows.length === 1;
    });
    const golden = await consume('millrace.catalog.variant');
    const values = golden.flatMap((record) => (record.value?.after ? [record.value.after['inventory']] : []));
    expect(values.filter((value) => JSON.stringify(value) !== '{}')).toEqual([]);
    expect((await sut.command('status')).stdout).toMatch(/stock values? refused/);
  });

  it('is joined with what Centric says, each attribute by its owner', async () => {
    const code = await psql('select code from product where deleted_at is null order by code limit 1');
    const name = await psql(`select name from product where code = '${code}'`);
    const style = { code, season: 'AW27', name: 'a name that Centric does not own' };
    const line = JSON.stringify({ entity: 'product', id: 'style-1', state: style });
    appendFileSync(join(sut.directory, '.millrace', 'file-source.jsonl'), `${line}\n`);
    await waitFor(
      'the season',
      async () => (await psql(`select season from product where code = '${code}'`)) === 'AW27',
    );
    expect(await psql(`select name from product where code = '${code}'`)).toBe(name);
    const [golden] = (await consume(CATALOG)).filter((record) => record.key.code === code).slice(-1);
    const ownerOf = (attribute: string): string | undefined =>
      golden?.value?.provenance?.find(({ attributes }) => attributes.includes(attribute))?.system;
    expect([ownerOf('season'), ownerOf('name')]).toEqual(['centric', 'plytix']);
  });

  it('reads every topic with the Python client', async () => {
    const { stdout } = await sut.command('topics', '--json');
    const topics = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    const records = topics.filter((name) => !name.endsWith('dead-letter'));
    expect(records.length).toBeGreaterThanOrEqual(4);
    expect((await consume(...records)).length).toBeGreaterThan(100);
  });
});

describe('stop and start', () => {
  it('writes nothing again and counts what it counted before', async () => {
    const figures = async (): Promise<unknown> => ({
      rows: await sut.query('mart', 'select hub_id, version, written_at from product order by hub_id'),
      variants: await sut.query('mart', 'select hub_id, version, written_at from variant order by hub_id'),
      golden: await sut.query('postgres', 'select count(*), sum(version) from millrace.golden_record'),
      sequences: await sut.query('postgres', 'select count(*), sum(sequence) from millrace.source_record'),
      refused: await sut.query('postgres', 'select count(*) from millrace.denied_value'),
      records: (await consume('millrace.plytix.product', 'millrace.catalog.variant')).length,
    });
    const before = await figures();
    expect(await sut.interrupt()).toBe(0);
    await sut.start();
    await waitFor('a poll after the start', async () => {
      const rows = await sut.query(
        'postgres',
        `select 1 from millrace.lease where name like 'source:plytix:%' and expires_at > now()
           and (detail ->> 'last_poll_at')::timestamptz > now() - interval '3 s'`,
      );
      return rows.length === 1;
    });
    expect(await figures()).toEqual(before);
  });
});
