import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asFault } from '#connector-sdk';
import type { Observation, Page } from '#connector-sdk';
import { testContext } from '#connector-sdk/testkit';
import { fileConnector } from './file.connector';
import type { FileOffset } from './file.offset';
import { FileSource } from './file.source';

const product = (id: string, label: string): string =>
  `${JSON.stringify({ entity: 'product', id, state: { sku: id, label } })}\n`;
const variant = (id: string, parent: string): string =>
  `${JSON.stringify({ entity: 'variant', id, state: { sku: id, parent_id: parent } })}\n`;
const deleted = (id: string): string => `${JSON.stringify({ entity: 'product', id, deleted: true })}\n`;

const brief = (observation: Observation): string =>
  `${observation.kind} ${observation.entity} ${observation.vendorId}`;

const collect = async (pages: AsyncIterable<Page<FileOffset>>) => {
  const all: Page<FileOffset>[] = [];
  for await (const page of pages) all.push(page);
  return {
    pages: all,
    seen: all.flatMap(({ observations }) => observations),
    offset: all.at(-1)?.offset,
  };
};

describe('FileSource', () => {
  let folder: string;
  let path: string;
  let written = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-file-'));
    path = join(folder, 'records.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Each write gets a time of its own, however coarse the file system's clock is. */
  const touched = async (): Promise<void> => {
    written += 1;
    await utimes(path, 1_700_000_000 + written, 1_700_000_000 + written);
  };
  const write = async (...lines: string[]): Promise<void> => {
    await writeFile(path, lines.join(''));
    await touched();
  };
  const append = async (...lines: string[]): Promise<void> => {
    await appendFile(path, lines.join(''));
    await touched();
  };

  const setUp = (page_size = 500) => {
    const sut = new FileSource({ path, system: 'centric', page_size }, testContext());
    const [task] = sut.tasks();
    return { sut, task: task!, collect };
  };

  it('takes the last line of each record, products before their variants', async () => {
    await write(
      variant('V1', 'P1'),
      product('P1', 'old'),
      product('P2', 'x'),
      product('P1', 'new'),
      deleted('P2'),
    );
    const { sut, task, collect } = setUp();
    const { seen, pages } = await collect(sut.snapshot(task, await sut.position()));
    expect(seen.map(brief)).toEqual(['present product P1', 'gone product P2', 'present variant V1']);
    expect(seen[0]).toMatchObject({ state: { sku: 'P1', label: 'new' } });
    expect(pages.at(-1)).toMatchObject({ complete: true, progress: { read: 3, total: 3 } });
  });

  it('goes on with a snapshot after the last committed page', async () => {
    await write(product('P1', 'a'), product('P2', 'b'), product('P3', 'c'));
    const { sut, task, collect } = setUp(1);
    const { pages } = await collect(sut.snapshot(task, await sut.position()));
    const saved = sut.decodeOffset(JSON.parse(JSON.stringify(pages[0]!.offset)));
    const rest = await collect(setUp(1).sut.snapshot(task, saved));
    expect(rest.seen.map(brief)).toEqual(['present product P2', 'present product P3']);
  });

  it('reads only what was appended, and nothing when nothing was', async () => {
    await write(product('P1', 'a'));
    const { sut, task, collect } = setUp();
    const at = await sut.position();
    expect((await collect(sut.stream(task, at))).pages).toEqual([]);
    await append(product('P2', 'b'), deleted('P1'));
    const { seen, offset } = await collect(sut.stream(task, at));
    expect(seen.map(brief)).toEqual(['present product P2', 'gone product P1']);
    expect((await collect(sut.stream(task, offset!))).pages).toEqual([]);
  });

  it('leaves a line that is still being written until its newline is there', async () => {
    await write(product('P1', 'a'));
    const { sut, task, collect } = setUp();
    const line = product('P2', 'b');
    await append(line.slice(0, 10));
    const at = await sut.position();
    expect((await collect(sut.stream(task, at))).seen).toEqual([]);
    await append(line.slice(10));
    const second = await collect(sut.stream(task, at));
    expect(second.seen.map(brief)).toEqual(['present product P2']);
  });

  it.each([
    ['shorter', [product('P1', 'b')]],
    ['longer, with another beginning', [product('P1', 'bbbb'), product('P2', 'b'), product('P3', 'c')]],
    ['of equal length', [product('P1', 'b'), product('P2', 'b')]],
  ])('reads a file from the start that was rewritten and is now %s', async (_, lines) => {
    await write(product('P1', 'a'), product('P2', 'b'));
    const { sut, task, collect } = setUp();
    const at = await sut.position();
    await write(...lines);
    const { seen } = await collect(sut.stream(task, at));
    expect(seen).toHaveLength(lines.length);
    expect(seen[0]).toMatchObject({ vendorId: 'P1', state: { label: expect.stringMatching(/^b/) } });
  });

  it('reports a malformed line with its number and text, and reads the others', async () => {
    const noState = `${JSON.stringify({ entity: 'product', id: 'P3' })}\n`;
    await write(product('P1', 'a'), '{"entity": "prod\n', '\n', noState, product('P2', 'b'));
    const { sut, task, collect } = setUp();
    const { seen } = await collect(sut.snapshot(task, await sut.position()));
    expect(seen.map(brief)).toEqual([
      'present product P1',
      'undecodable product line:2',
      'undecodable product P3',
      'present product P2',
    ]);
    expect(seen[1]).toMatchObject({ reason: 'decoding line 2: it is not JSON', raw: '{"entity": "prod' });
    expect(seen[2]).toMatchObject({ reason: 'decoding line 4: it has neither "state" nor "deleted": true' });
  });

  it('reports a line that is not UTF-8 instead of changing its letters', async () => {
    await writeFile(path, Buffer.from([0x7b, 0xff, 0x7d, 0x0a]));
    const { sut, task, collect } = setUp();
    const { seen } = await collect(sut.snapshot(task, await sut.position()));
    expect(seen).toMatchObject([{ kind: 'undecodable', reason: 'decoding line 1: it is not UTF-8' }]);
  });

  it('types the values of attributes and loses no digit', async () => {
    const state =
      '{"attributes.weight": 1.10, "attributes.count": 3, "attributes.tags": ["a"], "attributes.on": true,' +
      ' "attributes.from": {"kind": "date", "date": "2026-03-01"}, "attributes.none": null, "season": "SS27"}';
    await write(`{"entity": "product", "id": "P1", "state": ${state}}\n`);
    const { sut, task } = setUp();
    expect(await sut.read(task, 'product', 'P1')).toMatchObject({
      direct: true,
      state: {
        'attributes.weight': { kind: 'decimal', decimal: '1.10' },
        'attributes.count': { kind: 'long', long: 3 },
        'attributes.tags': { kind: 'list', list: ['a'] },
        'attributes.on': { kind: 'boolean', boolean: true },
        'attributes.from': { kind: 'date', date: '2026-03-01' },
        'attributes.none': null,
        season: 'SS27',
      },
    });
  });

  it('lists the records that exist, and reads what does not as gone', async () => {
    await write(product('P1', 'a'), product('P2', 'b'), deleted('P2'), variant('V1', 'P1'));
    const { sut, task } = setUp();
    const ids = await sut.listIds();
    expect([...ids.get('product')!, ...ids.get('variant')!]).toEqual(['P1', 'V1']);
    expect((await sut.read(task, 'product', 'P2')).kind).toBe('gone');
    expect((await sut.read(task, 'variant', 'P1')).kind).toBe('gone');
  });

  it('says which file is missing, and never that its records are gone', async () => {
    const { sut } = setUp();
    const fault = await sut.listIds().then(() => null, asFault);
    expect(fault).toMatchObject({ kind: 'config', code: 'file_missing' });
    expect(fault?.message).toContain(path);
  });

  it('refuses an offset that it does not know', () => {
    expect(() => setUp().sut.decodeOffset({ v: 9 })).toThrow('has no known format');
  });

  it('speaks for the system that it is told', () => {
    const config = fileConnector.config.parse({ FILE_PATH: path, FILE_SYSTEM: 'centric' }, 'FILE_');
    expect(fileConnector.system(config)).toBe('centric');
  });
});
