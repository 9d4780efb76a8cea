import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { redacted } from './external';
import { kafkaConnection, probeHttp, probeRegistry } from './probes';

let server: Server | undefined;
async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

describe('the connection to Kafka', () => {
  it('is read from the variables that every app reads', () => {
    const env = {
      KAFKA_BROKERS: 'a:1, b:2,',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    };
    expect(kafkaConnection(env)).toEqual({
      brokers: ['a:1', 'b:2'],
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    });
  });

  it('refuses a mechanism that the client does not have, and names those it has', () => {
    expect(() => kafkaConnection({ KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'GSSAPI' })).toThrow(
      'KAFKA_SASL_MECHANISM is "GSSAPI". Set it to plain, scram-sha-256 or scram-sha-512.',
    );
  });
});

describe('the probe of a registry', () => {
  it('sends the credentials of the address as Basic credentials, not as part of it', async () => {
    let seen: [string | undefined, string | undefined] | undefined;
    const address = await serve((request, response) => {
      seen = [request.url, request.headers.authorization];
      response.setHeader('content-type', 'application/json').end('[]');
    });
    await probeRegistry(`http://user:p%40ss@${address}/api/`);
    expect(seen).toEqual(['/api/subjects', `Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
  });

  it.each([
    [401, '{}', 'it answers 401'],
    [200, '<html>', 'its answer to GET /subjects is not a list'],
  ])('rejects the answer %s %s', async (status, body, reason) => {
    const address = await serve((_request, response) => response.writeHead(status).end(body));
    await expect(probeRegistry(`http://${address}`)).rejects.toThrow(reason);
  });
});

describe('the probe of an app', () => {
  it('rejects while the app says that it is not healthy', async () => {
    const address = await serve((_request, response) => response.writeHead(503).end());
    await expect(probeHttp(`http://${address}/health`)).rejects.toThrow('/health answers 503');
  });
});

describe('an address that is shown', () => {
  it.each([
    ['postgres://u:secret@h:5432/d?sslmode=require', 'postgres://h:5432/d'],
    ['nonsense', 'an address that is not a URL'],
  ])('%s becomes %s', (url, shown) => {
    expect(redacted(url)).toBe(shown);
  });
});
