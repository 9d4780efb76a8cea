/** The control app: status, topics, exceptions and metrics over HTTP. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TopicNames } from '#contracts';
import { runApp } from '#runtime';
import { createPool } from '#store';
import { HealthChecks, nestLogger } from '#telemetry';
import { readControlConfig } from './config';
import { ControlModule } from './control.module';
import { KafkaAdminConnector } from './kafka-admin.connector';
import { FilePartsRepository } from './parts.repository';
import { PgHubRepository } from './pg-hub.repository';

/** Connections to the hub database: a status takes five at once. */
const POOL_SIZE = 5;

runApp('control', async (app) => {
  const config = readControlConfig(process.env);
  const pool = createPool(config.databaseUrl, { applicationName: 'millrace-control', max: POOL_SIZE });
  app.onStop('database', () => pool.end());
  const ports = {
    token: config.token,
    names: new TopicNames(config.topicPrefix),
    hub: new PgHubRepository(pool),
    parts: new FilePartsRepository(config.home),
    admin: new KafkaAdminConnector(process.env, app.logger),
  };
  const service = await NestFactory.create(ControlModule.register(ports), {
    logger: nestLogger(app.logger),
    abortOnError: false,
  });
  app.onStop('http', () => service.close());
  app.check('control', () => failIfUnhealthy(service.get(HealthChecks)));
  await service.listen(config.port, config.host);
});

async function failIfUnhealthy(checks: HealthChecks): Promise<void> {
  const { status, checks: outcomes } = await checks.run();
  if (status !== 'ok') throw new Error(JSON.stringify(outcomes));
}
