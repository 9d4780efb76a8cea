import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from './process-identity';
import { backoffMs, SupervisedProcess } from './supervised-process';
import type { ProcessSpec, ProcessState } from './supervised-process';

const directory = mkdtempSync(join(tmpdir(), 'millrace-supervised-'));
const started: SupervisedProcess[] = [];
let count = 0;

/** A Node script under supervision; ready as soon as it has written "up" to its log. */
function supervise(script: string, change: Partial<ProcessSpec> = {}): SupervisedProcess {
  const logFile = join(directory, `${count++}.log`);
  const sut: SupervisedProcess = new SupervisedProcess({
    name: 'part',
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: directory,
    logFile,
    probe: async () => {
      if (!readFileSync(logFile, 'utf8').includes(`up ${sut.pid}`)) throw new Error('it is not up');
    },
    backoff: { firstMs: 10, maxMs: 40 },
    ...change,
  });
  started.push(sut);
  return sut;
}

const UP = 'console.log("up " + process.pid);';
const STAY = 'setInterval(() => {}, 1000);';

afterEach(async () => {
  await Promise.all(started.splice(0).map((sut) => sut.stop()));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a supervised process', () => {
  it('is running once its probe succeeds and gone after stop', async () => {
    const sut = supervise(UP + STAY);
    await sut.start();
    const pid = sut.pid ?? 0;
    expect(sut.snapshot()).toMatchObject({ state: 'running', restarts: 0 });
    expect(processIdentity(pid)).toBeDefined();
    await sut.stop();
    expect(sut.snapshot()).toMatchObject({ state: 'stopped', pid: undefined });
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('comes back under another pid when it is killed, and tells how it ended', async () => {
    const sut = supervise(UP + STAY);
    await sut.start();
    const before = sut.pid;
    const states: ProcessState[] = [];
    sut.on('state', ({ state }) => states.push(state));
    const noticed = sut.until('backoff');
    sut.kill('SIGKILL');
    await noticed;
    await sut.until('running');
    expect(states).toEqual(['backoff', 'starting', 'running']);
    expect(sut.pid).not.toBe(before);
    expect(sut.snapshot()).toMatchObject({ restarts: 1, lastExit: 'signal SIGKILL' });
  });

  it('is killed after its grace time when it ignores the stop signal', async () => {
    const sut = supervise(`process.on("SIGTERM", () => {}); ${UP} ${STAY}`, { graceMs: 50 });
    await sut.start();
    await sut.stop();
    expect(sut.snapshot()).toMatchObject({ state: 'stopped', lastExit: 'signal SIGKILL' });
  });

  it('is not restarted when it ends because of stop', async () => {
    const sut = supervise(`process.on("SIGTERM", () => process.exit(0)); ${UP} ${STAY}`);
    await sut.start();
    await sut.stop();
    expect(sut.snapshot()).toMatchObject({ restarts: 0, lastExit: 'code 0' });
  });

  it('fails its start with the last line of its log when it keeps ending before it is ready', async () => {
    const sut = supervise(
      `console.log(JSON.stringify({ level: 60, msg: "reading x: no such file" })); process.exit(3)`,
    );
    await expect(sut.start()).rejects.toThrow(
      /it ended with code 3\. The last line of .*: reading x: no such file$/,
    );
    expect(sut.snapshot()).toMatchObject({ state: 'failed', restarts: 1 });
  });

  it('fails its start with the last answer of the probe when it is never ready', async () => {
    const sut = supervise(STAY, { readyTimeoutMs: 50 });
    await expect(sut.start()).rejects.toThrow(/not ready after 0\.05 s \(it is not up\)/);
    expect(sut.pid).toBeUndefined();
  });

  it('fails its start when the program does not exist', async () => {
    const sut = supervise('', { command: join(directory, 'nothing') });
    await expect(sut.start()).rejects.toThrow(/ENOENT/);
  });

  it('gives up a start that is interrupted by stop', async () => {
    const sut = supervise(STAY);
    const starting = sut.start();
    await sut.until('starting');
    await sut.stop();
    await expect(starting).rejects.toMatchObject({ name: 'StackError', exitCode: 130 });
  });

  it('goes on trying after it was ready once, however often it ends', async () => {
    const marker = join(directory, 'runs');
    const script = `const fs = require("fs"); fs.appendFileSync(${JSON.stringify(marker)}, "x");
      const runs = fs.readFileSync(${JSON.stringify(marker)}, "utf8").length;
      if (runs > 1 && runs < 5) process.exit(1); ${UP} ${STAY}`;
    const sut = supervise(script);
    await sut.start();
    const noticed = sut.until('backoff');
    sut.kill();
    await noticed;
    await sut.until('running');
    expect(sut.snapshot().restarts).toBe(4);
  });
});

describe('the pause before a restart', () => {
  it('doubles from 0.2 s to 10 s', () => {
    expect([1, 2, 3, 6, 7, 20].map((n) => backoffMs(n))).toEqual([200, 400, 800, 6_400, 10_000, 10_000]);
  });
});
