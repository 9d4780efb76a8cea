import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CatalogConsumer } from '#runtime';
import { CatalogController } from './catalog.controller';
import { RulesWatch } from './rules-watch';

@Module({})
export class CatalogModule {
  static register(consumer: CatalogConsumer, onRulesReplaced: (error: Error) => void): DynamicModule {
    return {
      module: CatalogModule,
      controllers: [CatalogController],
      providers: [
        { provide: CatalogConsumer, useValue: consumer },
        { provide: RulesWatch, useValue: new RulesWatch(onRulesReplaced) },
      ],
    };
  }
}
