/** The source app: reads every configured system and publishes its change events. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { runApp } from '#runtime';
import { nestLogger } from '#telemetry';
import { SourceModule } from './source.module';

runApp('source', async (app) => {
  const service = await NestFactory.createApplicationContext(SourceModule.register(app), {
    logger: nestLogger(app.logger),
    abortOnError: false,
  });
  app.onStop('nest', () => service.close());
});
