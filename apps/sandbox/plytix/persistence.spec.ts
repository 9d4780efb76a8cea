import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlytixSandbox } from '.';
import { SpecSandbox } from './testkit/client';

describe('the state of a sandbox', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sandbox-spec-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const dir = (name: string): string => join(home, name);
  const file = (name: string): string => join(home, name, 'plytix.jsonl');
  const stateOf = async (sut: SpecSandbox): Promise<string> =>
    (await fetch(`${sut.sandbox.adminUrl}/state`)).text();

  it('is whole after a kill: all that was answered is on the disk while the sandbox still runs', async () => {
    const killed = await SpecSandbox.start({ dataDir: dir('a') });
    const id = await killed.create({ sku: 'KEPT', label: 'first' });
    await killed.call('PATCH', `/api/v2/products/${id}`, { label: 'second' });
    const { id: gone } = await killed.bySku('ST-1001');
    await killed.call('DELETE', `/api/v2/products/${String(gone)}`);
    const before = await stateOf(killed);
    cpSync(dir('a'), dir('b'), { recursive: true });
    await killed.close();

    const sut = await SpecSandbox.start({ dataDir: dir('b') });
    expect(await stateOf(sut)).toBe(before);
    expect(await sut.product(id)).toMatchObject({ sku: 'KEPT', label: 'second' });
    await sut.close();
  });

  it('does without a last line that the kill cut in two', async () => {
    const killed = await SpecSandbox.start({ dataDir: dir('a') });
    const before = await stateOf(killed);
    await killed.close();
    appendFileSync(file('a'), '{"changes":[{"in":"products","id":"5f');

    const sut = await SpecSandbox.start({ dataDir: dir('a') });
    expect(await stateOf(sut)).toBe(before);
    await sut.create({ sku: 'AFTER' });
    await sut.close();
    const again = await SpecSandbox.start({ dataDir: dir('a') });
    expect(await again.bySku('AFTER')).toMatchObject({ sku: 'AFTER' });
    await again.close();
  });

  it('is compacted at the start and kept whatever seed is asked for', async () => {
    const first = await SpecSandbox.start({ dataDir: dir('a'), products: 2 });
    const id = await first.create({ sku: 'X' });
    for (let count = 0; count < 20; count += 1) {
      await first.call('PATCH', `/api/v2/products/${id}`, { label: `label ${count}` });
    }
    await first.close();
    const lines = (): number => readFileSync(file('a'), 'utf8').split('\n').length;
    const before = lines();

    const sut = await SpecSandbox.start({ dataDir: dir('a'), products: 9, seed: 1 });
    expect(sut.sandbox.seeded).toEqual({ products: 2, seed: 7 });
    expect(lines()).toBe(before - 20);
    await sut.close();
  });

  it('carries out at the end what a 202 has promised', async () => {
    const first = await SpecSandbox.start({ dataDir: dir('a'), choices: { asyncDelayMs: 600_000 } });
    const family = await first.familyId('Apparel');
    const created = await first.call('POST', '/api/v1/attributes/product', {
      name: 'Origin',
      type_class: 'TextAttribute',
    });
    const { data } = created.body as { data: { id: string }[] };
    await first.call('POST', `/api/v1/product_families/${family}/attributes/link`, {
      attributes: [data[0]!.id],
    });
    await first.close();

    const sut = await SpecSandbox.start({ dataDir: dir('a') });
    const attributes = await sut.call('GET', `/api/v1/product_families/${family}/attributes`);
    expect(JSON.stringify(attributes.body)).toContain('"origin"');
    await sut.close();
  });

  it('keeps tokens good over a restart', async () => {
    const first = await SpecSandbox.start({ dataDir: dir('a') });
    const { port } = new URL(first.sandbox.url);
    await first.close();
    const second = await startPlytixSandbox({ dataDir: dir('a'), port: Number(port) });

    expect((await first.call('POST', '/api/v2/products/search', {})).status).toBe(200);
    await second.close();
  });

  it('that is damaged stops the start, with the line', async () => {
    const first = await SpecSandbox.start({ dataDir: dir('a') });
    await first.close();
    writeFileSync(file('a'), `nonsense\n${readFileSync(file('a'), 'utf8')}`);

    await expect(startPlytixSandbox({ dataDir: dir('a') })).rejects.toThrow(
      'plytix.jsonl:1: the line is damaged',
    );
  });
});
