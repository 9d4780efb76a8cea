import { createColors } from 'picocolors';
import type { HubOptions, RunningHub } from '#stack';
import type { ConnectorStatus } from '../hub/status.schema';
import { run } from '../program';
import { Recorder, testContext, testServices } from '../testkit';
import { Screen } from './screen';
import { watchSnapshots } from './snapshot-progress';
import { StartProgress } from './start-progress';

const colours = createColors(false);
const connector = (phase: ConnectorStatus['phase'], read: number): ConnectorStatus => ({
  system: 'plytix',
  task: 'products',
  phase,
  held: true,
  holder: 'h',
  read,
  total: 3_300,
  lastPollAt: null,
  lastChangeAt: null,
  changes: null,
});

const streaming = () => Promise.resolve({ connectors: [connector('streaming', 3_300)] });

describe('Screen', () => {
  it('keeps the changing line below the lines that stay', () => {
    const output = new Recorder(true);
    const sut = new Screen(output);
    sut.live('working');
    sut.line('done');
    expect(output.text).toBe('\r\u001b[2Kworking\r\u001b[2Kdone\n\r\u001b[2Kworking');
  });

  it('writes plain lines only where there is no terminal', () => {
    const output = new Recorder(false);
    const sut = new Screen(output);
    sut.live('working');
    sut.line('done');
    expect(output.text).toBe('done\n');
  });
});

describe('StartProgress', () => {
  it('has one line for each part, one for the apps, and tells of restarts', () => {
    const output = new Recorder();
    const sut = new StartProgress(new Screen(output), colours, () => 0);
    sut.onProgress('kafka', 'starting', { title: 'Kafka 4.3.1' });
    sut.onProgress('kafka', 'ready', { title: 'Kafka 4.3.1', address: '127.0.0.1:41233', elapsedMs: 3_400 });
    sut.onProgress('registry', 'external', { title: 'Registry', address: 'http://registry:8080' });
    for (const app of ['control', 'source', 'sink', 'catalog']) sut.onProgress(app, 'ready', { title: app });
    sut.started();
    sut.onProgress('kafka', 'backoff', {
      title: 'Kafka 4.3.1',
      note: 'ended with signal SIGKILL; it is started again',
    });
    sut.onProgress('kafka', 'ready', { title: 'Kafka 4.3.1', note: 'is back' });
    expect(output.lines).toEqual([
      '  ✔ Kafka 4.3.1           127.0.0.1:41233           3.4 s',
      '  ✔ Registry              http://registry:8080      yours',
      '  ✔ source · catalog · sink · control',
      '  ! Kafka 4.3.1 ended with signal SIGKILL; it is started again',
      '  ✔ Kafka 4.3.1 is back',
    ]);
  });

  it('shows on a terminal what is under way and for how long', () => {
    const output = new Recorder(true);
    let nowMs = 0;
    const sut = new StartProgress(new Screen(output), colours, () => nowMs);
    sut.onProgress('kafka', 'starting', { title: 'Kafka 4.3.1' });
    nowMs = 1_500;
    sut.onProgress('postgres', 'starting', { title: 'PostgreSQL 18' });
    expect(output.text.endsWith('\u001b[2K  ● Kafka 4.3.1, PostgreSQL 18  1.5 s')).toBe(true);
  });
});

describe('watchSnapshots', () => {
  it('shows a bar, survives an answer that fails, and ends with a line', async () => {
    const output = new Recorder(true);
    let nowMs = 0;
    const answers: (ConnectorStatus[] | Error)[] = [
      [],
      [connector('waiting', 0)],
      [connector('snapshot', 300)],
      new Error('connection refused'),
      [connector('snapshot', 1_300)],
      [connector('streaming', 3_300)],
    ];
    await watchSnapshots({
      screen: new Screen(output),
      colours,
      now: () => (nowMs += 1_000),
      signal: new AbortController().signal,
      everyMs: 1,
      status: () => {
        const answer = answers.shift()!;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ connectors: answer });
      },
    });
    expect(answers).toEqual([]);
    expect(output.text).toContain('● snapshot plytix  ███████░░░░░░░░░░░░░  1,300 / 3,300 · ');
    expect(output.text).toMatch(/✔ snapshot plytix {2}3,300 records {2}\d\.0 s\n$/);
  });

  it('says nothing of a source that streams already', async () => {
    const output = new Recorder(true);
    await watchSnapshots({
      screen: new Screen(output),
      colours,
      now: Date.now,
      signal: new AbortController().signal,
      status: streaming,
    });
    expect(output.text).toBe('');
  });
});

describe('millrace start', () => {
  it('tells when it is ready and what to try, and stops in order when interrupted', async () => {
    const context = testContext({
      fetch: () => {
        context.interrupt();
        return Promise.reject(new Error('not reached'));
      },
    });
    const calls: string[] = [];
    const asked: HubOptions[] = [];
    const startHub = (options: HubOptions): Promise<RunningHub> => {
      asked.push(options);
      options.onProgress?.('kafka', 'ready', { title: 'Kafka 4.3.1', address: '127.0.0.1:1', elapsedMs: 10 });
      const plytix = {
        url: 'http://127.0.0.1:41241',
        authUrl: '',
        adminUrl: '',
        apiKey: '',
        apiPassword: '',
      };
      const hub = {
        run: { control: { url: 'http://127.0.0.1:1', token: 't' }, sandboxes: { plytix } },
        processes: () => [],
        stop: () => Promise.resolve(void calls.push('stop')),
        killNow: () => void calls.push('killNow'),
      };
      return Promise.resolve(hub as unknown as RunningHub);
    };
    expect(await run(['start', '--products', '20', '--seed', '1'], context, testServices({ startHub }))).toBe(
      0,
    );
    expect(asked[0]).toMatchObject({ home: '/nowhere/.millrace', products: 20, seed: 1 });
    expect(context.stdout.text).toContain('Ready in 0 s. Edit a product:  http://127.0.0.1:41241/\n');
    expect(context.stdout.text).toMatch(/Stopping in order\. Ctrl-C again stops at once\.\nStopped\.\n$/);
    expect(calls).toEqual(['stop']);
    context.lifecycle.endAtOnce?.();
    expect(calls).toEqual(['stop', 'killNow']);
    expect(context.lifecycle.outlivesItsReader).toBe(true);
  });

  it('says nothing more when the start itself is interrupted', async () => {
    const context = testContext();
    const startHub = (options: HubOptions): Promise<RunningHub> => {
      options.onProgress?.('kafka', 'starting', { title: 'Kafka 4.3.1' });
      context.interrupt();
      return Promise.reject(Object.assign(new Error('Starting kafka was interrupted.'), { exitCode: 130 }));
    };
    expect(await run(['start'], context, testServices({ startHub }))).toBe(130);
    expect(context.stdout.text).toMatch(/Stopped\.\n$/);
    expect(context.stderr.text).toBe('');
  });

  it('shows what went wrong while it stopped', async () => {
    const context = testContext();
    const startHub = (): Promise<RunningHub> => {
      context.interrupt();
      const hub = {
        stop: () => Promise.reject(new Error('stopping kafka: no space left')),
        killNow: () => undefined,
      };
      return Promise.resolve(hub as unknown as RunningHub);
    };
    expect(await run(['start'], context, testServices({ startHub }))).toBe(1);
    expect(context.stderr.text).toContain('stopping kafka: no space left');
    expect(context.stdout.text).not.toContain('Stopped.');
  });

  it('has no heading when the start is refused at once', async () => {
    const context = testContext();
    const refusal = Object.assign(new Error('Millrace is already running here (pid 1).'), { exitCode: 1 });
    expect(await run(['start'], context, testServices({ startHub: () => Promise.reject(refusal) }))).toBe(1);
    expect([context.stdout.text, context.stderr.text]).toEqual([
      '',
      'Millrace is already running here (pid 1).\n',
    ]);
  });
});
