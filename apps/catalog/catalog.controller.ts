import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventLogContext, RecordBatch } from '#kafka';
import { CatalogConsumer, SOURCE_EVENTS } from '#runtime';
import { RulesWatch } from './rules-watch';

/** Receives source events, batch by batch. A rejection brings the batch again. */
@Controller()
export class CatalogController {
  constructor(
    @Inject(CatalogConsumer) private readonly consumer: CatalogConsumer,
    @Inject(RulesWatch) private readonly rules: RulesWatch,
  ) {}

  @EventPattern<string>(SOURCE_EVENTS)
  async handle(@Payload() batch: RecordBatch, @Ctx() context: EventLogContext): Promise<void> {
    try {
      await this.consumer.handle(batch, context);
    } catch (error) {
      this.rules.look(error);
      throw error;
    }
  }
}
