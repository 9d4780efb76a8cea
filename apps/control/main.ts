import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { Pool } from 'pg';
import { TopicNames } from '#contracts';
import { createPool } from '#store';
import { HealthChecks, createLogger, healthServerFromEnv, nestLogger } from '#telemetry';
import type { Logger } from '#telemetry';
import { readControlConfig } from './config';
import { ControlModule } from './control.module';
import { KafkaAdminConnector } from './kafka-admin.connector';
import { FilePartsRepository } from './parts.repository';
import { PgHubRepository } from './pg-hub.repository';

/** Connections to the hub database: a status takes five at once. */
const POOL_SIZE = 5;

/** Starts the control app and keeps it until SIGTERM or SIGINT, which stop it in order. */
async function main(logger: Logger): Promise<void> {
  const config = readControlConfig(process.env);
  const pool = createPool(config.databaseUrl, { applicationName: 'millrace-control', max: POOL_SIZE });
  const ports = {
    token: config.token,
    names: new TopicNames(config.topicPrefix),
    hub: new PgHubRepository(pool),
    parts: new FilePartsRepository(config.home),
    admin: new KafkaAdminConnector(process.env, logger),
  };
  const app = await NestFactory.create(ControlModule.register(ports), {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  const health = healthServerFromEnv(process.env);
  health?.check('control', () => failIfUnhealthy(app.get(HealthChecks)));
  stopOnSignal(logger, [() => health?.close(), () => app.close(), () => endPool(pool)]);
  await app.listen(config.port, config.host);
  await health?.start();
}

async function failIfUnhealthy(checks: HealthChecks): Promise<void> {
  const { status, checks: outcomes } = await checks.run();
  if (status !== 'ok') throw new Error(JSON.stringify(outcomes));
}

async function endPool(pool: Pool): Promise<void> {
  await pool.end();
}

/** Runs the steps one after the other at the first signal, then exits; a step that fails does not keep the rest. */
function stopOnSignal(logger: Logger, steps: readonly (() => Promise<unknown> | undefined)[]): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const step of steps) {
      try {
        await step();
      } catch (err) {
        logger.warn({ err }, 'stopping control: a part did not close in order');
      }
    }
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

const logger = createLogger({ app: 'control', level: process.env.MILLRACE_LOG_LEVEL });
main(logger).catch((err: unknown) => {
  logger.fatal({ err }, 'starting control failed');
  process.exit(1);
});
