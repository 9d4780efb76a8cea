import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  fstatSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { explainFileError } from './stack-error';

const MAX_BYTES = 10 * 1024 * 1024;
const KEPT = 3;
const TAIL_BYTES = 16 * 1024;

/**
 * The log of one supervised process. The process writes to the file itself, in append mode, so that its log goes
 * on when the supervisor dies. That is why rotation copies and truncates instead of renaming; lines written in
 * the instant between the two are lost.
 */
export class LogFile {
  constructor(
    readonly path: string,
    private readonly maxBytes: number = MAX_BYTES,
  ) {}

  /** A descriptor for the child's stdout and stderr. The caller closes it after the spawn. */
  open(): number {
    try {
      return openSync(this.path, 'a', 0o600);
    } catch (error) {
      throw explainFileError(error, this.path);
    }
  }

  /** Keeps `<log>.1` (newest) to `<log>.3` once the file has outgrown its size. Never throws: a full disk must not end the supervisor. */
  rotate(): void {
    try {
      if (statSync(this.path).size <= this.maxBytes) return;
      for (let n = KEPT - 1; n >= 1; n--) {
        if (existsSync(`${this.path}.${n}`)) renameSync(`${this.path}.${n}`, `${this.path}.${n + 1}`);
      }
      copyFileSync(this.path, `${this.path}.1`);
      truncateSync(this.path, 0);
    } catch {
      // Tried again at the next look.
    }
  }

  /** The last lines that are not empty, oldest first. */
  tail(lines: number): string[] {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return [];
    }
    try {
      const size = fstatSync(file).size;
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
      const text = buffer.toString('utf8', 0, read);
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-lines);
    } finally {
      closeSync(file);
    }
  }
}
