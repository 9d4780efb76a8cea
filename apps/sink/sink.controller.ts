import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventLogContext, RecordBatch } from '#kafka';
import { SinkRuntime } from '#runtime';

/** Name of the one subscription of this app. */
export const CATALOG_SUBSCRIPTION = 'catalog';

@Controller()
export class SinkController {
  constructor(@Inject(SinkRuntime) private readonly runtime: SinkRuntime) {}

  /** Resolves when the batch has found room; its offsets are committed later, when it is written. */
  @EventPattern<string>(CATALOG_SUBSCRIPTION)
  handle(@Payload() batch: RecordBatch, @Ctx() context: EventLogContext): Promise<void> {
    return this.runtime.handle(batch, context);
  }
}
