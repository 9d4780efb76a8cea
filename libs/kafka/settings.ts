import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { KafkaConfigError } from './faults';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** User name and password for one of the mechanisms. */
export type SaslSettings = {
  [Mechanism in SaslMechanism]: { mechanism: Mechanism; username: string; password: string };
}[SaslMechanism];

/** How to reach a Kafka cluster. */
export interface KafkaSettings {
  /** `host:port`, at least one. */
  brokers: readonly string[];
  /** Appears in the broker's logs, quotas and member ids. */
  clientId: string;
  /** true: TLS with the system's authorities. `ca`: PEM text of the authority to trust instead. */
  ssl?: boolean | { ca: string };
  sasl?: SaslSettings;
}

/** An empty variable counts as one that is not set: compose files and CI systems hand those over. */
const optionalText = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());

const environment = z.object({
  KAFKA_BROKERS: optionalText,
  KAFKA_SSL: optionalText,
  KAFKA_SSL_CA_FILE: optionalText,
  KAFKA_SASL_MECHANISM: optionalText,
  KAFKA_SASL_USERNAME: optionalText,
  KAFKA_SASL_PASSWORD: optionalText,
});

type Environment = z.infer<typeof environment>;

/**
 * Reads KAFKA_BROKERS (comma-separated), KAFKA_SSL (`true`/`false`), KAFKA_SSL_CA_FILE, KAFKA_SASL_MECHANISM,
 * KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD. A CA file turns TLS on; user name and password without a
 * mechanism mean `plain`. What is missing or contradictory is a KafkaConfigError that names the variable.
 */
export function kafkaSettingsFromEnv(env: NodeJS.ProcessEnv, clientId = 'millrace'): KafkaSettings {
  const values = environment.parse(env);
  const ssl = sslFrom(values);
  const sasl = saslFrom(values);
  return { brokers: brokersFrom(values), clientId, ...(ssl && { ssl }), ...(sasl && { sasl }) };
}

function brokersFrom({ KAFKA_BROKERS }: Environment): string[] {
  const brokers = (KAFKA_BROKERS ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  if (brokers.length === 0) {
    throw new KafkaConfigError('reading KAFKA_BROKERS: it is not set; give host:port, comma-separated');
  }
  const wrong = brokers.find((broker) => !/^[^:/\s]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker));
  if (wrong !== undefined) {
    throw new KafkaConfigError(`reading KAFKA_BROKERS: "${wrong}" is not host:port`);
  }
  return brokers;
}

function sslFrom({ KAFKA_SSL, KAFKA_SSL_CA_FILE }: Environment): KafkaSettings['ssl'] {
  const flag = (KAFKA_SSL ?? '').toLowerCase();
  if (!['', 'true', 'false', '1', '0'].includes(flag)) {
    throw new KafkaConfigError(`reading KAFKA_SSL: "${KAFKA_SSL}" is neither true nor false`);
  }
  const off = flag === 'false' || flag === '0';
  if (KAFKA_SSL_CA_FILE === undefined) return flag !== '' && !off ? true : undefined;
  if (off) {
    throw new KafkaConfigError('reading KAFKA_SSL: it is false, but KAFKA_SSL_CA_FILE is set');
  }
  try {
    return { ca: readFileSync(KAFKA_SSL_CA_FILE, 'utf8') };
  } catch (cause) {
    throw new KafkaConfigError(`reading KAFKA_SSL_CA_FILE: ${KAFKA_SSL_CA_FILE} cannot be read`, 'config', {
      cause,
    });
  }
}

function saslFrom(values: Environment): KafkaSettings['sasl'] {
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  const mechanism = values.KAFKA_SASL_MECHANISM?.toLowerCase();
  if (mechanism === undefined && username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw new KafkaConfigError('reading KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: both are needed');
  }
  switch (mechanism ?? 'plain') {
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
    default:
      throw new KafkaConfigError(
        `reading KAFKA_SASL_MECHANISM: "${mechanism}" is not one of plain, scram-sha-256, scram-sha-512`,
      );
  }
}
