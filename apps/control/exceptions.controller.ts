import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ExceptionsService } from './exceptions.service';
import type { ExceptionStatus } from './status.types';

@Controller('exceptions')
export class ExceptionsController {
  constructor(@Inject(ExceptionsService) private readonly service: ExceptionsService) {}

  /** GET /exceptions?state=open|resolved|all&class=…&system=…&limit=1..1000: newest first. */
  @Get()
  exceptions(@Query() query: Record<string, unknown>): Promise<ExceptionStatus[]> {
    return this.service.list(query);
  }
}
