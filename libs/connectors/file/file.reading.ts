/** The file's bytes: complete lines from a position on, and a fingerprint that tells appending from rewriting. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { configFault, transientFault } from '#connector-sdk';
import type { Line } from './file.line';

/** How much of the beginning, and before the saved position, must be unchanged for a file to count as appended to. */
const SAMPLE_BYTES = 4_096;

const NEWLINE = 0x0a;

export interface FileStat {
  size: number;
  /** Milliseconds since the epoch, with fractions. */
  mtimeMs: number;
}

/** Lines of a file between two positions. */
export interface Reading {
  lines: Line[];
  /** Position after the last complete line; bytes. A line without its newline is still being written, and waits. */
  end: number;
  /** Number of the line that begins at `end`, from 1. */
  nextLine: number;
}

/** Opens the file for the time of `use`. Throws a `config` fault when it cannot be read. */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const doing = `reading the file ${path}`;
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    const remedy = 'Check FILE_PATH';
    if (cause.code === 'ENOENT')
      throw configFault('file_missing', `${doing}: it does not exist. ${remedy}`, { cause });
    throw configFault('file_unreadable', `${doing}: ${cause.message}. ${remedy}`, { cause });
  });
  try {
    return await use(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR') {
      throw configFault('file_unreadable', `${doing}: it is a directory. Check FILE_PATH`, { cause });
    }
    throw cause;
  } finally {
    await file.close();
  }
}

export async function statOf(file: FileHandle): Promise<FileStat> {
  const { size, mtimeMs } = await file.stat();
  return { size, mtimeMs };
}

/** A hash of the first bytes and of those before `end`: equal means that what lies before `end` is as it was. */
export async function fingerprint(file: FileHandle, end: number): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await bytes(file, 0, Math.min(end, SAMPLE_BYTES)));
  hash.update(await bytes(file, Math.max(0, end - SAMPLE_BYTES), end));
  return hash.digest('hex').slice(0, 32);
}

/** Complete lines from `start` up to `limit`; empty ones are skipped but counted. */
export async function readLines(
  file: FileHandle,
  start: number,
  limit: number,
  firstLine: number,
): Promise<Reading> {
  const content = await bytes(file, start, limit);
  const lines: Line[] = [];
  let from = 0;
  let number = firstLine;
  for (let to = content.indexOf(NEWLINE); to !== -1; to = content.indexOf(NEWLINE, from)) {
    const line = content.subarray(from, to);
    const text = line
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    if (text !== '') lines.push({ number, text, ...(isUtf8(line) ? {} : { garbled: true as const }) });
    number += 1;
    from = to + 1;
  }
  return { lines, end: start + from, nextLine: number };
}

async function bytes(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0)
      throw transientFault('file_truncated', 'reading the file: it became shorter meanwhile');
    filled += bytesRead;
  }
  return buffer;
}
