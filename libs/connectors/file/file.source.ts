/** A file of JSON lines as a source: the smallest system there can be, and the second one of every trial. */
import { transientFault } from '#connector-sdk';
import type { ConnectorContext, Json, Observation, Page, SourceConnector, SourceTask } from '#connector-sdk';
import type { EntityName } from '#contracts';
import type { FileHandle } from 'node:fs/promises';
import type { FileConfig } from './file.config';
import { decodeLine, FILE_ENTITIES, observeLine } from './file.line';
import type { Line, LineRecord } from './file.line';
import { decodeOffset } from './file.offset';
import type { FileOffset } from './file.offset';
import { fingerprint, readLines, statOf, withFile } from './file.reading';
import type { FileStat, Reading } from './file.reading';

const RECORDS: SourceTask = { name: 'records', entities: FILE_ENTITIES };

const START = { end: 0, nextLine: 1 };

/** What was read at one time. */
interface Pass {
  /** The last line of each record, by entity and id; products before variants, else in the order of the file. */
  records: ReadonlyMap<string, LineRecord>;
  offset: FileOffset;
  requestedAtMs: number;
}

export class FileSource implements SourceConnector<FileOffset> {
  /** The whole file as last read, for reads by id, which come in numbers. */
  private whole: Pass | null = null;

  constructor(
    private readonly config: FileConfig,
    private readonly context: ConnectorContext,
  ) {}

  tasks(): readonly SourceTask[] {
    return [RECORDS];
  }

  decodeOffset(saved: Json): FileOffset {
    return decodeOffset(saved);
  }

  /** The end of the last complete line. */
  position(): Promise<FileOffset> {
    return this.withFile(async (file, stat) => {
      const reading = await readLines(file, 0, stat.size, START.nextLine);
      return offsetAfter(file, stat, reading);
    });
  }

  /** The file up to the position that was taken before; if it was rewritten since, up to its end of now. */
  async *snapshot(_task: SourceTask, resume: FileOffset): AsyncGenerator<Page<FileOffset>> {
    const pass = await this.withFile(async (file, stat, requestedAtMs) => {
      const unchanged =
        stat.size >= resume.end && (await fingerprint(file, resume.end)) === resume.fingerprint;
      const limit = unchanged ? resume.end : stat.size;
      const read = await this.pass(
        file,
        stat,
        await readLines(file, 0, limit, START.nextLine),
        requestedAtMs,
      );
      return { ...read, offset: unchanged ? resume : read.offset };
    });
    const { snapshot: _, ...end } = pass.offset;
    const total = pass.records.size;
    const done = Math.min(pass.offset.snapshot?.done ?? 0, total);
    for (let from = done; from < total; from += this.config.page_size) {
      this.context.signal.throwIfAborted();
      const read = Math.min(total, from + this.config.page_size);
      const observations = this.observations(pass, from, read);
      yield { observations, offset: { ...end, snapshot: { done: read } }, progress: { read, total } };
    }
    yield { observations: [], offset: end, complete: true, progress: { read: total, total } };
  }

  /** Appended lines; all lines when the file is not what it was. */
  async *stream(_task: SourceTask, from: FileOffset): AsyncGenerator<Page<FileOffset>> {
    const pass = await this.withFile(async (file, stat, requestedAtMs) => {
      if (stat.size === from.size && stat.mtimeMs === from.mtimeMs) return null;
      const grown = stat.size > from.size && (await fingerprint(file, from.end)) === from.fingerprint;
      const start = grown ? from : START;
      return this.pass(
        file,
        stat,
        await readLines(file, start.end, stat.size, start.nextLine),
        requestedAtMs,
      );
    });
    if (!pass) return;
    const pages = Math.max(1, Math.ceil(pass.records.size / this.config.page_size));
    for (let page = 1; page <= pages; page += 1) {
      this.context.signal.throwIfAborted();
      const observations = this.observations(
        pass,
        (page - 1) * this.config.page_size,
        page * this.config.page_size,
      );
      yield { observations, offset: page === pages ? pass.offset : from };
    }
  }

  async listIds(): Promise<ReadonlyMap<EntityName, ReadonlySet<string>>> {
    const { records } = await this.wholeFile();
    const ids = new Map<EntityName, Set<string>>(FILE_ENTITIES.map((entity) => [entity, new Set()]));
    for (const { entity, vendorId, content } of records.values()) {
      if (!('deleted' in content)) ids.get(entity)?.add(vendorId);
    }
    return ids;
  }

  async read(_task: SourceTask, entity: EntityName, vendorId: string): Promise<Observation> {
    const { records, offset, requestedAtMs } = await this.wholeFile();
    const at = { requestedAtMs, changedAtMs: Math.round(offset.mtimeMs), direct: true };
    const record = records.get(keyOf(entity, vendorId));
    return record ? observeLine(record, at) : { kind: 'gone', entity, vendorId, ...at };
  }

  close(): Promise<void> {
    this.whole = null;
    return Promise.resolve();
  }

  private observations({ records, offset, requestedAtMs }: Pass, from: number, to: number): Observation[] {
    const at = { requestedAtMs, changedAtMs: Math.round(offset.mtimeMs), direct: false };
    return [...records.values()].slice(from, to).map((record) => observeLine(record, at));
  }

  private async wholeFile(): Promise<Pass> {
    this.whole = await this.withFile(async (file, stat, requestedAtMs) => {
      const kept = this.whole;
      if (kept && kept.offset.size === stat.size && kept.offset.mtimeMs === stat.mtimeMs) {
        return { ...kept, requestedAtMs };
      }
      return this.pass(file, stat, await readLines(file, 0, stat.size, START.nextLine), requestedAtMs);
    });
    return this.whole;
  }

  private async pass(
    file: FileHandle,
    stat: FileStat,
    reading: Reading,
    requestedAtMs: number,
  ): Promise<Pass> {
    return {
      records: lastLines(reading.lines),
      offset: await offsetAfter(file, stat, reading),
      requestedAtMs,
    };
  }

  /** What is written while it is read is seen by the next poll, since the time before reading is kept. */
  private async withFile<T>(
    use: (file: FileHandle, stat: FileStat, requestedAtMs: number) => Promise<T>,
  ): Promise<T> {
    this.context.signal.throwIfAborted();
    const requestedAtMs = this.context.now();
    return withFile(this.config.path, async (file) => {
      const before = await statOf(file);
      const result = await use(file, before, requestedAtMs);
      const after = await statOf(file);
      if (after.size >= before.size) return result;
      throw transientFault(
        'file_truncated',
        `reading the file ${this.config.path}: it became shorter meanwhile`,
      );
    });
  }
}

async function offsetAfter(
  file: FileHandle,
  stat: FileStat,
  { end, nextLine }: Reading,
): Promise<FileOffset> {
  return { v: 1, end, nextLine, fingerprint: await fingerprint(file, end), ...stat };
}

function lastLines(lines: readonly Line[]): Map<string, LineRecord> {
  const last = new Map<string, LineRecord>();
  for (const line of lines) {
    const record = decodeLine(line);
    const key = keyOf(record.entity, record.vendorId);
    last.delete(key);
    last.set(key, record);
  }
  const inOrder = FILE_ENTITIES.flatMap((entity) =>
    [...last].filter(([, record]) => record.entity === entity),
  );
  return new Map(inOrder);
}

function keyOf(entity: EntityName, vendorId: string): string {
  return `${entity}/${vendorId}`;
}
