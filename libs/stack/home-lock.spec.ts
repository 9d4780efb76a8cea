import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeLock, lockHolder } from './home-lock';
import { processIdentity } from './process-identity';

const directory = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
const path = join(directory, 'lock.json');

afterEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the lock of a home directory', () => {
  it('refuses a second instance and says who holds it and what to do', () => {
    const sut = HomeLock.acquire(path);
    expect(() => HomeLock.acquire(path)).toThrow(
      `Millrace is already running here (pid ${process.pid}). npx millrace status shows it; npx millrace stop ends it.`,
    );
    expect(lockHolder(path)).toBe(process.pid);
    sut.release();
    expect(lockHolder(path)).toBeUndefined();
  });

  it('can be had again after its release', () => {
    HomeLock.acquire(path).release();
    HomeLock.acquire(path).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a process that has died', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = holder.pid ?? 0;
    writeFileSync(path, JSON.stringify({ pid, identity: processIdentity(pid), token: 'a' }));
    expect(() => HomeLock.acquire(path)).toThrow(`(pid ${pid})`);
    const exited = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await exited;
    HomeLock.acquire(path);
    expect(lockHolder(path)).toBe(process.pid);
  });

  it.each([
    [
      'whose pid belongs to another process by now',
      JSON.stringify({ pid: process.pid, identity: 'before the reboot', token: 'a' }),
    ],
    ['that cannot be read', '{"pid": 12'],
  ])('is taken over from a file %s', (_case, content) => {
    writeFileSync(path, content);
    HomeLock.acquire(path);
    expect(lockHolder(path)).toBe(process.pid);
    expect(readdirSync(directory)).toEqual(['lock.json']);
  });

  it('is not deleted by somebody who has lost it', () => {
    const loser = HomeLock.acquire(path);
    rmSync(path);
    HomeLock.acquire(path);
    loser.release();
    expect(existsSync(path)).toBe(true);
  });
});
