/** The sink app: a Nest microservice that receives batches of golden records and brings one target to them. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { BatchExceptionFilter, EventLogServer } from '#kafka';
import { HubContext, readSettings, runApp } from '#runtime';
import { nestLogger } from '#telemetry';
import { openSink } from './open-sink';
import { readSinkConfig } from './sink.config';
import { CATALOG_SUBSCRIPTION } from './sink.controller';
import { SinkModule } from './sink.module';

/** Of the time that a stop may take: the rest is for leaving the group and closing connections. */
const DRAIN_MS = 5_000;

runApp('sink', async (app) => {
  const settings = readSettings('sink', process.env);
  const configured = readSinkConfig(process.env);
  const hub = await HubContext.open(settings, app.logger);
  app.onStop('hub', () => hub.close());

  const { runtime, close } = openSink(configured, hub, app.logger);
  app.onStop('target', close);
  app.check('target', () => {
    if (runtime.trouble !== null) throw new Error(runtime.trouble.fault.message);
  });
  await runtime.prepare();
  const options = runtime.consumeOptions();
  await hub.ensureTopics(options.topics);

  const strategy = new EventLogServer({
    log: hub.log,
    subscriptions: { [CATALOG_SUBSCRIPTION]: options },
    onEnded: (pattern, error) => app.fail(error ?? new Error('it was closed'), `consuming ${pattern}`),
  });
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(SinkModule.register(runtime), {
    strategy,
    logger: nestLogger(app.logger),
    abortOnError: false,
  });
  service.useGlobalFilters(new BatchExceptionFilter());
  await service.listen();
  app.onStop('consumer', () => service.close());
  // Before the group is left: what is written is committed, and nothing more is taken.
  app.onStop('writing', () => runtime.drain(DRAIN_MS));
});
