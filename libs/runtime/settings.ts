/** The environment of an app, read in this one place. */
import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { defaultSchemasDir, TopicNames } from '#contracts';
import { kafkaSettingsFromEnv, registrySettingsFromEnv } from '#kafka';
import type { KafkaSettings, RegistrySettings } from '#kafka';
import { z } from 'zod';

const optional = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
const milliseconds = (fallback: number) =>
  z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number().int().min(10).default(fallback),
  );

const environment = z.object({
  DATABASE_URL: optional,
  MILLRACE_TOPIC_PREFIX: optional,
  MILLRACE_SCHEMAS_DIR: optional,
  MILLRACE_LOG_LEVEL: optional,
  MILLRACE_LEASE_TTL_MS: milliseconds(6_000),
});

/** What every app that changes state needs to know. */
export interface HubSettings {
  app: string;
  /** Unique to this process: the holder of its leases. */
  instance: string;
  kafka: KafkaSettings;
  registry: RegistrySettings;
  databaseUrl: string;
  topics: TopicNames;
  schemasDir: string;
  logLevel: string | undefined;
  leaseTimes: { ttlMs: number; renewMs: number };
}

/** Thrown for an environment that an app cannot start with; the message names the variable and the remedy. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** Reads the environment. Throws a `SettingsError`, or the Kafka settings' own, for what is missing or wrong. */
export function readSettings(app: string, env: NodeJS.ProcessEnv): HubSettings {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SettingsError(`reading ${String(issue?.path[0])}: ${issue?.message ?? 'it is wrong'}`);
  }
  const values = parsed.data;
  if (values.DATABASE_URL === undefined)
    throw new SettingsError(
      'reading DATABASE_URL: it is not set. Give the hub database, such as postgres://user:password@host:5432/millrace',
    );
  const ttlMs = values.MILLRACE_LEASE_TTL_MS;
  return {
    app,
    instance: `${app}@${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
    kafka: kafkaSettingsFromEnv(env, `millrace-${app}`),
    registry: registrySettingsFromEnv(env),
    databaseUrl: values.DATABASE_URL,
    topics: new TopicNames(values.MILLRACE_TOPIC_PREFIX),
    schemasDir: values.MILLRACE_SCHEMAS_DIR ?? defaultSchemasDir(),
    logLevel: values.MILLRACE_LOG_LEVEL,
    leaseTimes: { ttlMs, renewMs: Math.max(10, Math.round(ttlMs / 3)) },
  };
}
