import { Controller, Get, Inject } from '@nestjs/common';
import { LagService } from './lag.service';
import type { TopicStatus } from './status.types';

@Controller('topics')
export class TopicsController {
  constructor(@Inject(LagService) private readonly service: LagService) {}

  /** GET /topics: the topics of this hub, by name. */
  @Get()
  topics(): Promise<TopicStatus[]> {
    return this.service.topics();
  }
}
