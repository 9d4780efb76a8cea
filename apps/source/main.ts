/** The source app: reads every configured system and publishes its change events. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { runApp } from '#runtime';
import { nestLogger } from '#telemetry';
import { SourceModule } from './source.module';

runApp('source', async (process) => {
  const app = await NestFactory.createApplicationContext(SourceModule.register(process), {
    logger: nestLogger(process.logger),
    abortOnError: false,
  });
  process.onStop('nest', () => app.close());
});
