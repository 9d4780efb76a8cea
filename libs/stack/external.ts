import { setTimeout as delay } from 'node:timers/promises';
import { kafkaConnection, probeKafka, probePostgres, probeRegistry } from './probes';
import { messageOf, StackError } from './stack-error';

const ATTEMPTS = 3;
const PAUSE_MS = 1_000;

/** Checks the cluster that KAFKA_BROKERS names. @throws StackError when it does not answer */
export async function checkKafka(env: NodeJS.ProcessEnv): Promise<string[]> {
  let connection: ReturnType<typeof kafkaConnection>;
  try {
    connection = kafkaConnection(env);
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(`Reading KAFKA_SSL_CA_FILE: ${messageOf(error)}. Name a readable PEM file there.`);
  }
  const brokers = connection.brokers as string[];
  await answering(`Kafka at ${brokers.join(', ')}`, 'KAFKA_BROKERS', () => probeKafka(connection));
  return brokers;
}

/** Checks the registry that SCHEMA_REGISTRY_URL names. @throws StackError when it does not answer */
export async function checkRegistry(env: NodeJS.ProcessEnv): Promise<string> {
  const url = env['SCHEMA_REGISTRY_URL'] ?? '';
  requireUrl('SCHEMA_REGISTRY_URL', url, ['http:', 'https:']);
  const username = env['SCHEMA_REGISTRY_USERNAME'];
  const credentials = username ? { username, password: env['SCHEMA_REGISTRY_PASSWORD'] ?? '' } : undefined;
  await answering(`The schema registry at ${redacted(url)}`, 'SCHEMA_REGISTRY_URL', () =>
    probeRegistry(url, credentials),
  );
  return url;
}

/** Checks the database that DATABASE_URL or MART_URL names. @throws StackError when it does not answer */
export async function checkPostgres(
  variable: 'DATABASE_URL' | 'MART_URL',
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const url = env[variable] ?? '';
  requireUrl(variable, url, ['postgres:', 'postgresql:']);
  await answering(`PostgreSQL at ${redacted(url)}`, variable, () => probePostgres(url));
  return url;
}

/** A URL without user, password and parameters, fit to be shown. */
export function redacted(url: string): string {
  if (!URL.canParse(url)) return 'an address that is not a URL';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function requireUrl(variable: string, url: string, protocols: readonly string[]): void {
  if (URL.canParse(url) && protocols.includes(new URL(url).protocol)) return;
  throw new StackError(
    `${variable} is not a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}. Correct it, or unset it to use the local one.`,
  );
}

async function answering(subject: string, variable: string, probe: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await probe();
    } catch (error) {
      if (attempt < ATTEMPTS) {
        await delay(PAUSE_MS);
        continue;
      }
      throw new StackError(
        `${subject} (${variable}) does not answer: ${messageOf(error)}. ` +
          `Check address and credentials, or unset ${variable} to use the local one.`,
        1,
        { cause: error },
      );
    }
  }
}
