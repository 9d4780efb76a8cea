import { Controller, Get, Inject } from '@nestjs/common';
import { StatusService } from './status.service';
import type { HubStatus } from './status.types';

@Controller('status')
export class StatusController {
  constructor(@Inject(StatusService) private readonly service: StatusService) {}

  /** GET /status: parts, connectors, records, refused values, exceptions, lag and outbox. */
  @Get()
  status(): Promise<HubStatus> {
    return this.service.status();
  }
}
