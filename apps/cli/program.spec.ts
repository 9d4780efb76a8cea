import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubStatus } from './hub/status.schema';
import { run } from './program';
import { FakeReader, testContext, testServices } from './testkit';
import type { TestContext } from './testkit';

const RUN = {
  kafka: { brokers: ['127.0.0.1:41233', '127.0.0.1:41234'] },
  registry: { url: 'http://127.0.0.1:41235/apis/ccompat/v7' },
  postgres: { url: "postgresql://hub:p'w$x@127.0.0.1:41231/millrace" },
  mart: { url: 'postgresql://hub@127.0.0.1:41231/millrace_mart' },
  control: { url: 'http://127.0.0.1:41240', token: 'a-token' },
  sandboxes: {
    plytix: {
      url: 'http://127.0.0.1:41241',
      authUrl: 'http://127.0.0.1:41241',
      adminUrl: 'http://127.0.0.1:41241/admin',
      apiKey: 'key',
      apiPassword: 'pass word',
    },
  },
  pids: { hub: 1 },
};

const ago = (seconds: number): string =>
  new Date(Date.parse('2026-11-21T12:00:00Z') - seconds * 1000).toISOString();

const part = (name: string) => ({
  name,
  state: 'running',
  since: ago(7_440),
  pid: 1,
  restarts: 0,
  lastExit: null,
});

const STATUS: HubStatus = {
  at: ago(0),
  topicPrefix: 'millrace',
  parts: [part('source'), part('catalog'), { ...part('sink'), restarts: 2, lastExit: 'signal SIGKILL' }],
  connectors: [
    {
      system: 'plytix',
      task: 'products',
      phase: 'streaming',
      held: true,
      holder: 'source-1',
      read: 3_300,
      total: 3_300,
      lastPollAt: ago(1),
      lastChangeAt: ago(3),
      changes: 12,
    },
  ],
  records: [
    { entity: 'product', live: 300, deleted: 0 },
    { entity: 'variant', live: 3_000, deleted: 1 },
  ],
  refused: [{ system: 'plytix', entity: 'variant', group: 'inventory', values: 41, occurrences: 57 }],
  exceptions: [{ class: 'duplicate_key', severity: 'error', open: 3, oldestAt: ago(600) }],
  groups: [
    { group: 'millrace.catalog', topic: 'millrace.plytix.product', lag: 0 },
    { group: 'millrace.sink.postgres', topic: 'millrace.catalog.product', lag: 1_200 },
    { group: 'millrace.sink.postgres', topic: 'millrace.catalog.variant', lag: null },
  ],
  outbox: [{ shard: 0, rows: 1, oldestAt: ago(1) }],
  problems: [],
};

const record = (offset: bigint) => ({
  topic: 'orders',
  partition: 0,
  offset,
  timestampMs: 0,
  headers: {},
  version: null,
  content: { kind: 'raw' as const, key: null, value: 'x' },
});

describe('millrace', () => {
  let home: string;
  let context: TestContext;
  let requests: { path: string; authorization: string | undefined }[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
    requests = [];
    context = testContext({ env: { MILLRACE_HOME: home } });
  });
  afterEach(() => rm(home, { recursive: true }));

  const running = () => writeFile(join(home, 'run.json'), JSON.stringify(RUN));
  const answering = (status: number, body: unknown) => {
    context.fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      requests.push({
        path: new URL(String(input)).pathname + new URL(String(input)).search,
        authorization: headers.get('authorization') ?? undefined,
      });
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    };
  };

  describe('a wrong use', () => {
    it.each([
      [['stauts'], "Unknown command 'stauts'. Did you mean status? npx millrace --help shows what there is."],
      [
        ['tail', 'x', '--frm', 'now'],
        "Unknown option '--frm'. Did you mean --from? npx millrace --help shows what there is.",
      ],
      [['tail'], "Missing required argument 'topic'. npx millrace --help shows what there is."],
      [
        ['sandbox', 'shopify'],
        "Command-argument value 'shopify' is invalid for argument 'vendor'. Allowed choices are plytix. npx millrace --help shows what there is.",
      ],
    ])('%j is one sentence and exit code 2', async (args, sentence) => {
      expect(await run(args, context, testServices())).toBe(2);
      expect(context.stderr.lines).toEqual([sentence]);
      expect(context.stdout.text).toBe('');
    });

    it.each([
      [['tail', 'x', '--limit', '0'], 'It must be a whole number from 1'],
      [['tail', 'x', '--from', 'yesterday'], 'It must be beginning, now, an offset, or a time'],
      [['start', '--products', 'many'], 'It must be a whole number from 0'],
      [['exceptions', '--state', 'closed'], 'Allowed choices are open, resolved, all.'],
    ])('%j names the value that is wrong', async (args, part) => {
      expect(await run(args, context, testServices())).toBe(2);
      expect(context.stderr.lines).toHaveLength(1);
      expect(context.stderr.text).toContain(part);
    });
  });

  it.each(['start', 'stop', 'status', 'env', 'topics', 'tail', 'exceptions', 'sandbox'])(
    'teaches %s with examples, within 100 columns',
    async (command) => {
      expect(await run([command, '--help'], context, testServices())).toBe(0);
      expect(context.stdout.text).toContain('Examples:\n  $ ');
      expect(context.stdout.lines.filter((line) => line.length > 100)).toEqual([]);
    },
  );

  it('shows its help when asked nothing', async () => {
    expect(await run([], context, testServices())).toBe(0);
    expect(context.stdout.text).toContain('npx millrace start');
  });

  it.each([['status'], ['topics'], ['exceptions'], ['env']])(
    '%s says how to start a hub that does not run',
    async (...args) => {
      expect(await run(args, context, testServices())).toBe(1);
      expect(context.stderr.lines).toEqual([
        'Millrace is not running here. Start it with: npx millrace start',
      ]);
    },
  );

  it('says so when run.json is damaged', async () => {
    await writeFile(join(home, 'run.json'), '{"kafka":');
    expect(await run(['env'], context, testServices())).toBe(1);
    expect(context.stderr.text).toMatch(/run\.json is damaged\. Stop and start/);
  });

  it('shows the stack of a defect only', async () => {
    const services = testServices({ openReader: () => Promise.reject(new TypeError('x is not a function')) });
    expect(await run(['tail', 'x'], context, services)).toBe(1);
    expect(context.stderr.text).toMatch(
      /This is a defect in Millrace: TypeError: x is not a function\n +at /,
    );
  });

  it('shows a fault of the stack as its sentence, with its exit code', async () => {
    const fault = Object.assign(new Error('Java 17 or newer is needed.'), { exitCode: 3 });
    expect(await run(['start'], context, testServices({ startHub: () => Promise.reject(fault) }))).toBe(3);
    expect(context.stderr.lines).toEqual(['Java 17 or newer is needed.']);
  });

  describe('env', () => {
    it('survives the shell, whatever the values hold', async () => {
      await running();
      await run(['env'], context, testServices());
      const script = `${context.stdout.text}\nprintf '%s\\n' "$KAFKA_BROKERS" "$DATABASE_URL" "$PLYTIX_API_PASSWORD" "$MILLRACE_CONTROL_TOKEN"`;
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n')).toEqual([
        '127.0.0.1:41233,127.0.0.1:41234',
        "postgresql://hub:p'w$x@127.0.0.1:41231/millrace",
        'pass word',
        'a-token',
        '',
      ]);
    });

    it('prints run.json as JSON', async () => {
      await running();
      await run(['env', '--json'], context, testServices());
      expect(JSON.parse(context.stdout.text)).toEqual(RUN);
    });
  });

  describe('status', () => {
    it('shows parts, connectors, refused values, lag and exceptions', async () => {
      await running();
      answering(200, STATUS);
      expect(await run(['status'], context, testServices())).toBe(0);
      expect(context.stdout.lines).toEqual([
        'part     state    since     detail',
        'source   running  2 h 04 m  plytix: streaming, last change 3 s ago, looked 1 s ago',
        'catalog  running  2 h 04 m  3,300 records · 41 stock values refused',
        'sink     running  2 h 04 m  postgres: behind by 1,200 records',
        '                            restarted 2 times (last: signal SIGKILL)',
        '',
        '3 open exceptions (3 duplicate_key), the oldest from 10 m 00 s ago. npx millrace exceptions lists',
        'them.',
      ]);
      expect(requests).toEqual([{ path: '/status', authorization: 'Bearer a-token' }]);
    });

    it('shows the snapshot, what stands still, what waits and what is not known', async () => {
      await running();
      const [plytix] = STATUS.connectors;
      answering(200, {
        ...STATUS,
        parts: [part('source')],
        connectors: [
          { ...plytix, phase: 'snapshot', read: 1_650 },
          { ...plytix, system: 'centric', held: false },
        ],
        exceptions: [],
        outbox: [{ shard: 1, rows: 4, oldestAt: ago(12) }],
        problems: ['reading lag from Kafka: no broker'],
      });
      await run(['status'], context, testServices());
      expect(context.stdout.lines).toEqual([
        'part    state    since     detail',
        'source  running  2 h 04 m  plytix: snapshot ██████████░░░░░░░░░░  1,650 / 3,300',
        '                           centric: nobody reads it now, last change 3 s ago, looked 1 s ago',
        '                           publisher 1: 4 batches waiting, the oldest for 12 s',
        '',
        'Not known: reading lag from Kafka: no broker',
      ]);
    });

    it('shows what is known where nobody supervises', async () => {
      context.env = { MILLRACE_CONTROL_URL: 'http://hub:1', MILLRACE_CONTROL_TOKEN: 't' };
      answering(200, { ...STATUS, parts: [] });
      await run(['status'], context, testServices());
      expect(context.stdout.lines.slice(1, 4).map((line) => line.slice(0, 18).trim())).toEqual([
        'source   —      —',
        'catalog  —      —',
        'sink     —      —',
      ]);
      expect(requests[0]?.authorization).toBe('Bearer t');
    });

    it.each([
      [401, {}, /refuses the token/],
      [503, { message: 'The database is away.' }, /^The database is away\.$/],
      [200, { hello: 'world' }, /is not Millrace's control API/],
    ])('turns an answer %d %j into one sentence', async (status, body, sentence) => {
      await running();
      answering(status, body);
      expect(await run(['status'], context, testServices())).toBe(1);
      expect(context.stderr.lines).toHaveLength(1);
      expect(context.stderr.lines[0]).toMatch(sentence);
    });

    it('names the address and the reason when nobody answers', async () => {
      await running();
      const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      context.fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
      await run(['status', '--json'], context, testServices());
      expect(context.stderr.text).toContain('does not answer at http://127.0.0.1:41240 (ECONNREFUSED).');
    });
  });

  it('lists topics with separators', async () => {
    await running();
    answering(200, [{ name: 'millrace.catalog.product', partitions: 6, offsets: 12_345 }]);
    await run(['topics'], context, testServices());
    expect(context.stdout.lines).toEqual([
      'topic                     partitions  offsets',
      'millrace.catalog.product           6   12,345',
    ]);
  });

  describe('exceptions', () => {
    const exception = {
      id: '1',
      class: 'duplicate_key',
      severity: 'error',
      state: 'open',
      system: 'plytix',
      entity: 'variant',
      recordKey: 'ST-1\u001b[2J',
      attribute: null,
      target: null,
      message: 'binding plytix variant 5f1c: the SKU is taken',
      occurrences: 3,
      firstAt: ago(900),
      lastAt: ago(720),
    };

    it('shows who, what and why, and obeys no control character', async () => {
      await running();
      answering(200, [exception]);
      await run(['exceptions', '--class', 'duplicate_key'], context, testServices());
      expect(context.stdout.lines).toEqual([
        '12 m 00 s ago  duplicate_key  plytix variant ST-1\\x1b[2J  ×3',
        '    binding plytix variant 5f1c: the SKU is taken',
      ]);
      expect(requests[0]?.path).toBe('/exceptions?state=open&limit=100&class=duplicate_key');
    });

    it('says so when there are none', async () => {
      await running();
      answering(200, []);
      await run(['exceptions'], context, testServices());
      expect(context.stdout.lines).toEqual(['No open exceptions.']);
    });
  });

  describe('stop', () => {
    const hub = (pids: (number | undefined)[], orphans: string[] = []) =>
      testServices({
        hub: { pid: () => Promise.resolve(pids.shift()), endOrphans: () => Promise.resolve(orphans) },
      });

    it('is content when nothing runs', async () => {
      expect(await run(['stop'], context, hub([]))).toBe(0);
      expect(context.stdout.lines).toEqual(['Millrace is not running here.']);
    });

    it('ends what a killed hub has left behind', async () => {
      expect(await run(['stop'], context, hub([], ['kafka', 'source']))).toBe(0);
      expect(context.stdout.text).toContain('has ended: kafka, source.');
    });

    it('asks the hub to end and waits until it is gone', async () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      const ended = once(child, 'exit');
      expect(await run(['stop'], context, hub([child.pid, child.pid, undefined]))).toBe(0);
      expect(await ended).toEqual([null, 'SIGTERM']);
      expect(context.stdout.lines).toEqual(['Millrace has stopped (0.0 s).']);
    });

    it('gives up after its time, and says where to look', async () => {
      const child = spawn(process.execPath, [
        '-e',
        'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000)',
      ]);
      let nowMs = 0;
      context.now = () => (nowMs += 5_000);
      const services = testServices({ hub: { ...hub([]).hub, pid: () => Promise.resolve(child.pid) } });
      expect(await run(['stop', '--timeout', '8'], context, services)).toBe(1);
      expect(context.stderr.text).toMatch(/has not stopped within 8 s\. Its log: .*hub\.log/);
      child.kill('SIGKILL');
    });
  });

  describe('tail', () => {
    const names = ['millrace.catalog.product', 'millrace.plytix.product', 'orders'];

    it('finds a topic without its prefix, and passes on where to begin', async () => {
      const reader = new FakeReader(names);
      const services = testServices({ openReader: () => Promise.resolve(reader) });
      expect(await run(['tail', 'catalog.product', '--from', '42', '--no-follow'], context, services)).toBe(
        0,
      );
      expect(reader.asked).toMatchObject([
        { topic: 'millrace.catalog.product', from: { at: 'offset', offset: 42n }, follow: false },
      ]);
      expect(reader.closed).toBe(true);
    });

    it.each([
      ['millrace.catalog.prodcut', 'Did you mean millrace.catalog.product?'],
      ['catlog.product', 'Did you mean millrace.catalog.product?'],
      ['product', 'could be millrace.catalog.product or millrace.plytix.product.'],
      ['zzz', 'npx millrace topics lists them.'],
    ])('helps with the unknown topic %s', async (name, hint) => {
      const services = testServices({ openReader: () => Promise.resolve(new FakeReader(names)) });
      expect(await run(['tail', name], context, services)).toBe(1);
      expect(context.stderr.lines).toHaveLength(1);
      expect(context.stderr.text).toContain(hint);
    });

    it('ends at its limit', async () => {
      const reader = new FakeReader(names, [record(1n), record(2n), record(3n)]);
      await run(
        ['tail', 'orders', '--json', '--limit', '2'],
        context,
        testServices({ openReader: () => Promise.resolve(reader) }),
      );
      expect(context.stdout.lines.map((line) => (JSON.parse(line) as { offset: number }).offset)).toEqual([
        1, 2,
      ]);
    });
  });
});
