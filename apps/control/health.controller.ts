import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { HealthChecks } from '#telemetry';
import { Public } from './bearer.guard';

@Controller('health')
export class HealthController {
  constructor(@Inject(HealthChecks) private readonly checks: HealthChecks) {}

  /** GET /health: 200 while database and Kafka answer, else 503; both name each check. Needs no token. */
  @Get()
  @Public()
  async health(@Res({ passthrough: true }) response: Response) {
    const report = await this.checks.run();
    response.status(report.status === 'ok' ? 200 : 503);
    return report;
  }
}
