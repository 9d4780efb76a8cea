import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * An append-only file of JSON lines that keeps a sandbox's state through kill -9. Each write is handed to the
 * operating system before the call that caused it is answered, so that a killed process loses nothing that it
 * answered. (A machine that loses power may lose the last moments: these are sandbox data.)
 */
export class Journal {
  private constructor(
    private readonly file: string,
    private handle: number,
  ) {}

  /**
   * Opens the journal `name` in `directory`, creating both if need be. Lines of a former run are handed to
   * `replay` in order; a last line that was cut off by a kill is dropped. Then the journal is compacted
   * to what `snapshot` gives.
   */
  static async open(
    directory: string,
    name: string,
    replay: (line: unknown) => void,
    snapshot: () => Iterable<unknown>,
  ): Promise<Journal> {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, `${name}.jsonl`);
    if (existsSync(file)) await readLines(file, replay);
    return new Journal(file, writeCompacted(file, snapshot()));
  }

  /** Appends one line. When it returns, a kill of this process can no longer lose it. */
  append(line: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    const before = fstatSync(this.handle).size;
    try {
      writeFully(this.handle, bytes);
    } catch (error) {
      // A full disk may have taken half a line: nothing may be appended behind it.
      ftruncateSync(this.handle, before);
      throw error;
    }
  }

  /** Replaces the whole content, at once: a kill leaves either the old or the new one. */
  rewrite(lines: Iterable<unknown>): void {
    closeSync(this.handle);
    this.handle = writeCompacted(this.file, lines);
  }

  close(): void {
    closeSync(this.handle);
  }
}

async function readLines(file: string, replay: (line: unknown) => void): Promise<void> {
  let rest = '';
  let number = 0;
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      number += 1;
      try {
        replay(JSON.parse(line));
      } catch (error) {
        throw new Error(`reading ${file}:${number}: the line is damaged; remove the file to start anew`, {
          cause: error,
        });
      }
    }
  }
}

function writeCompacted(file: string, lines: Iterable<unknown>): number {
  const fresh = `${file}.new`;
  const handle = openSync(fresh, 'w', 0o600);
  let batch: string[] = [];
  let size = 0;
  for (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    batch.push(text);
    size += text.length;
    if (size > 1 << 20) {
      writeFully(handle, Buffer.from(batch.join('')));
      batch = [];
      size = 0;
    }
  }
  writeFully(handle, Buffer.from(batch.join('')));
  renameSync(fresh, file);
  return handle;
}

/** `writeSync` may write less than it was given. */
function writeFully(handle: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(handle, bytes, written);
}
