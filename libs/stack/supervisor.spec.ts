import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomePaths } from './paths';
import { processIdentity } from './process-identity';
import type { ProcessSpec } from './supervised-process';
import { Supervisor } from './supervisor';

const home = mkdtempSync(join(tmpdir(), 'millrace-supervisor-'));
const paths = new HomePaths(home);
const sut = new Supervisor(paths);

afterAll(async () => {
  await sut.stopInOrder([]);
  sut.close();
  rmSync(home, { recursive: true, force: true });
});

function part(name: string, script = 'setInterval(() => {}, 1000)'): ProcessSpec {
  return {
    name,
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: home,
    logFile: paths.log(name),
    probe: async () => undefined,
  };
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('a supervisor', () => {
  it('keeps state and pid of each part on disk, and stops groups one after the other', async () => {
    const gone: string[] = [];
    const own = new Supervisor(paths, ({ name, state }) => state === 'stopped' && gone.push(name));
    for (const name of ['database', 'broker', 'app']) await own.start(part(name));
    expect(json(paths.supervisorFile())).toMatchObject({
      parts: [{ name: 'database', state: 'running' }, { name: 'broker' }, { name: 'app' }],
    });
    expect(Object.keys(json(paths.pidsFile()) as object)).toEqual(['database', 'broker', 'app']);
    expect(statSync(paths.pidsFile()).mode & 0o777).toBe(0o600);
    await own.stopInOrder([['broker'], ['database']]);
    own.close();
    expect(gone).toEqual(['app', 'broker', 'database']);
    expect(json(paths.pidsFile())).toEqual({});
    await expect(own.start(part('late'))).rejects.toThrow('Starting late was interrupted.');
  });

  it('ends the processes that a killed supervisor left behind', async () => {
    const orphan = spawn(process.execPath, [
      '-e',
      'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)',
    ]);
    const pid = orphan.pid ?? 0;
    const exited = new Promise((resolve) => orphan.once('exit', resolve));
    writeFileSync(
      paths.pidsFile(),
      JSON.stringify({ sink: { pid, identity: processIdentity(pid), stopSignal: 'SIGTERM' } }),
    );
    expect(await Supervisor.endOrphans(paths)).toEqual(['sink']);
    await exited;
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('leaves a process alone that has the pid of one of ours but is another', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = stranger.pid ?? 0;
    writeFileSync(
      paths.pidsFile(),
      JSON.stringify({ sink: { pid, identity: 'an earlier start', stopSignal: 'SIGKILL' } }),
    );
    expect(await Supervisor.endOrphans(paths)).toEqual([]);
    expect(processIdentity(pid)).toBeDefined();
    stranger.kill('SIGKILL');
  });
});
