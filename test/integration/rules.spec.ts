/** A changed ownership file: its version comes into force, every record follows, and old holders stop. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSchemasDir } from '#contracts';
import { openCatalog, readRules, RulesReplaced } from '#runtime';
import { ScriptedVendor } from '../support/scripted-vendor';
import { TestHub } from '../support/test-hub';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

describe('a changed ownership file', () => {
  const plytix = new ScriptedVendor('plytix');
  const centric = new ScriptedVendor('centric');
  const schemas = mkdtempSync(join(tmpdir(), 'millrace-rules-'));
  let sut: TestHub;

  beforeAll(async () => {
    cpSync(defaultSchemasDir(), schemas, { recursive: true });
    const file = join(schemas, 'rules', 'ownership.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('  name: plytix\n  description', '  name: centric\n  description'));
    sut = await TestHub.start(plytix, centric);
  });

  afterAll(async () => {
    await sut.stop();
    rmSync(schemas, { recursive: true, force: true });
  });

  const names = async (): Promise<Record<string, [string, string]>> => {
    const rows = await sut.mart<{ code: string; name: string; version: string }>(
      'select code, name, version from product',
    );
    return Object.fromEntries(rows.map((row) => [row.code, [row.name, row.version]]));
  };

  it('brings the records that it touches to the new owner, and no others', async () => {
    plytix.change(
      ['product', 'p1', { sku: 'A', label: 'by plytix' }],
      ['product', 'p2', { sku: 'B', label: 'alone' }],
    );
    centric.change(['product', 'c1', { code: 'A', name: 'by centric' }]);
    await sut.settled();
    expect(await names()).toEqual({ A: ['by plytix', '1'], B: ['alone', '1'] });

    const former = await openCatalog(sut.hub, sut.publishers, readRules(sut.settings.schemasDir));
    const changed = await openCatalog(sut.hub, sut.publishers, readRules(schemas));
    expect(changed.rulesVersion.number).toBe(former.rulesVersion.number + 1);
    // Nobody names plytix for the name any more: B keeps none.
    await waitFor('the new name', async () => (await names()).A?.[0] === 'by centric');
    await waitFor('the name that nobody owns to go', async () => (await names()).B?.[0] === null);
    expect((await names()).A).toEqual(['by centric', '2']);

    await expect(former.committer.refold([])).rejects.toThrow(RulesReplaced);
    await Promise.all([former.close(), changed.close()]);
    expect(await sut.violations()).toEqual([]);
  });
});
