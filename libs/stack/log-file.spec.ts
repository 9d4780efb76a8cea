import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file';

const directory = mkdtempSync(join(tmpdir(), 'millrace-log-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the log of a part', () => {
  it('goes on in the same descriptor after a rotation, and keeps three older files', () => {
    const sut = new LogFile(join(directory, 'a.log'), 8);
    const descriptor = sut.open();
    for (const word of ['first', 'second', 'third', 'fourth', 'fifth']) {
      writeSync(descriptor, `${word} of several\n`);
      sut.rotate();
    }
    writeSync(descriptor, 'now\n');
    sut.rotate();
    closeSync(descriptor);
    expect(readFileSync(sut.path, 'utf8')).toBe('now\n');
    expect(['.1', '.2', '.3'].map((n) => readFileSync(sut.path + n, 'utf8'))).toEqual([
      'fifth of several\n',
      'fourth of several\n',
      'third of several\n',
    ]);
    expect(existsSync(`${sut.path}.4`)).toBe(false);
  });

  it('tells its last lines, and none before it exists', () => {
    const sut = new LogFile(join(directory, 'b.log'));
    expect(sut.tail(2)).toEqual([]);
    const descriptor = sut.open();
    writeSync(descriptor, 'one\ntwo\nthree\n\n');
    closeSync(descriptor);
    expect(sut.tail(2)).toEqual(['two', 'three']);
  });
});
