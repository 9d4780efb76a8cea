import { HealthServer, healthServerFromEnv } from './health';
import { createMetrics } from './metrics';

describe('HealthServer', () => {
  let sut: HealthServer;
  let url: string;
  const metrics = createMetrics();

  beforeEach(async () => {
    sut = new HealthServer({ port: 0, metrics, checkTimeoutMs: 30 });
    url = await sut.start();
  });
  afterEach(() => sut.close());

  it('answers 200 while every check passes', async () => {
    sut.check('database', () => undefined).check('kafka', async () => undefined);
    const answer = await fetch(`${url}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok', checks: { database: 'ok', kafka: 'ok' } });
  });

  it('answers 503 and names the check that fails, with its reason', async () => {
    sut
      .check('database', () => undefined)
      .check('kafka', () => {
        throw new Error('asking the broker: connection refused');
      });
    const answer = await fetch(`${url}/health`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'failing',
      checks: { database: 'ok', kafka: 'asking the broker: connection refused' },
    });
  });

  it('counts a check that does not answer in time as failed', async () => {
    sut.check('kafka', () => new Promise<void>(() => undefined));
    const answer = await fetch(`${url}/health`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ checks: { kafka: 'no answer within 30 ms' } });
  });

  it('serves metrics in the text format of Prometheus', async () => {
    metrics.sinkWrites.inc({ sink: 'postgres', entity: 'product', outcome: 'applied' }, 3);
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain(
      'millrace_sink_writes_total{sink="postgres",entity="product",outcome="applied"} 3',
    );
  });

  it('refuses other paths and methods', async () => {
    expect((await fetch(`${url}/secrets`)).status).toBe(404);
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
  });

  it('rejects when the port is taken', async () => {
    const second = new HealthServer({ port: Number(new URL(url).port) });
    await expect(second.start()).rejects.toThrow('EADDRINUSE');
  });

  it('can be closed twice', async () => {
    await sut.close();
    await expect(sut.close()).resolves.toBeUndefined();
  });
});

describe('healthServerFromEnv', () => {
  it('makes none unless a port is set', () => {
    expect(healthServerFromEnv({})).toBeNull();
    expect(healthServerFromEnv({ MILLRACE_HEALTH_PORT: '' })).toBeNull();
    expect(healthServerFromEnv({ MILLRACE_HEALTH_PORT: '0' })).toBeInstanceOf(HealthServer);
  });

  it('names the variable when its value is not a port', () => {
    expect(() => healthServerFromEnv({ MILLRACE_HEALTH_PORT: 'eighty' })).toThrow(
      'reading MILLRACE_HEALTH_PORT: "eighty" is not a port',
    );
  });
});
