import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { Client } from 'pg';
import { StackError } from './stack-error';

const TIMEOUT_MS = 3_000;

/**
 * The connection part of a kafkajs configuration, from the variables that every app reads: KAFKA_BROKERS,
 * KAFKA_SSL, KAFKA_SSL_CA_FILE, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD.
 */
export function kafkaConnection(env: NodeJS.ProcessEnv): Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'> {
  const brokers = (env['KAFKA_BROKERS'] ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  const ca = env['KAFKA_SSL_CA_FILE'];
  const ssl = ca
    ? { ca: [readFileSync(ca, 'utf8')] }
    : env['KAFKA_SSL'] === 'true' || env['KAFKA_SSL'] === '1';
  return { brokers, ssl, sasl: saslOptions(env) };
}

function saslOptions(env: NodeJS.ProcessEnv): SASLOptions | undefined {
  const mechanism = env['KAFKA_SASL_MECHANISM']?.toLowerCase();
  if (!mechanism) return undefined;
  if (mechanism !== 'plain' && mechanism !== 'scram-sha-256' && mechanism !== 'scram-sha-512') {
    throw new StackError(
      `KAFKA_SASL_MECHANISM is "${env['KAFKA_SASL_MECHANISM']}". Set it to plain, scram-sha-256 or scram-sha-512.`,
    );
  }
  const credentials = {
    username: env['KAFKA_SASL_USERNAME'] ?? '',
    password: env['KAFKA_SASL_PASSWORD'] ?? '',
  };
  return { mechanism, ...credentials } as SASLOptions;
}

/**
 * One metadata request. Resolves when the cluster names at least one broker: a restarted KRaft broker answers
 * before it is unfenced, and names none until then.
 */
export async function probeKafka(connection: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>): Promise<void> {
  const kafka = new Kafka({
    ...connection,
    clientId: 'millrace-probe',
    logLevel: logLevel.NOTHING,
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error('no broker is registered yet');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * Lists subjects over the Confluent-compatible REST interface.
 *
 * @param url base address; user and password in it are sent as Basic credentials
 */
export async function probeRegistry(
  url: string,
  credentials?: { username: string; password: string },
): Promise<void> {
  const { address, headers } = withoutCredentials(url, credentials);
  const response = await fetch(`${address}/subjects`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  if (!Array.isArray(body)) throw new Error('its answer to GET /subjects is not a list');
}

function withoutCredentials(
  url: string,
  credentials?: { username: string; password: string },
): { address: string; headers: Record<string, string> } {
  const parsed = new URL(url);
  const username = credentials?.username ?? decodeURIComponent(parsed.username);
  const password = credentials?.password ?? decodeURIComponent(parsed.password);
  parsed.username = '';
  parsed.password = '';
  const headers: Record<string, string> = username
    ? { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    : {};
  return { address: parsed.toString().replace(/\/+$/, ''), headers };
}

/** Connects and runs `select 1`. */
export async function probePostgres(url: string): Promise<void> {
  await withPostgres(url, (client) => client.query('select 1'));
}

/** One connection for one piece of work, closed in any case. */
export async function withPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  // A server that is killed in the middle also emits an error; the pending query is rejected anyway.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A GET that must be answered with a status from 200 to 299. */
export async function probeHttp(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answers ${response.status}`);
}
