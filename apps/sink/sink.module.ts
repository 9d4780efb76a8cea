import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { SinkRuntime } from '#runtime';
import { SinkController } from './sink.controller';

@Module({})
export class SinkModule {
  static register(runtime: SinkRuntime): DynamicModule {
    return {
      module: SinkModule,
      controllers: [SinkController],
      providers: [{ provide: SinkRuntime, useValue: runtime }],
    };
  }
}
