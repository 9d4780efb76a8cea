/** The catalog app: a Nest microservice that receives batches of source events and publishes golden records. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { BatchExceptionFilter, EventLogServer } from '#kafka';
import { HubContext, openCatalog, readRules, readSettings, runApp, SOURCE_EVENTS } from '#runtime';
import { nestLogger } from '#telemetry';
import { CatalogModule } from './catalog.module';

runApp('catalog', async (app) => {
  const hub = await HubContext.open(readSettings('catalog', process.env), app.logger);
  app.onStop('hub', () => hub.close());
  app.check('postgres', async () => void (await hub.pool.query('select 1')));

  const publishers = hub.publisherHost();
  await publishers.start();
  app.onStop('publishers', () => publishers.stop());

  const catalog = await openCatalog(hub, publishers, readRules(hub.settings.schemasDir));
  app.onStop('catalog', () => catalog.close());
  const strategy = new EventLogServer({
    log: hub.log,
    subscriptions: { [SOURCE_EVENTS]: catalog.subscription },
    onEnded: (pattern, error) => app.fail(error ?? new Error('it was closed'), `consuming ${pattern}`),
  });
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(
    CatalogModule.register(catalog.consumer, (error) => app.fail(error, 'folding')),
    { strategy, logger: nestLogger(app.logger), abortOnError: false },
  );
  service.useGlobalFilters(new BatchExceptionFilter());
  await service.listen();
  app.onStop('consumer', () => service.close());
});
