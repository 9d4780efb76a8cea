import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TopicNames } from '#contracts';
import { HealthChecks } from '#telemetry';
import { BearerGuard, ControlToken } from './bearer.guard';
import { ExceptionsController } from './exceptions.controller';
import { ExceptionsService } from './exceptions.service';
import { HealthController } from './health.controller';
import { HubRepository } from './hub.repository';
import { AdminConnector, LagService } from './lag.service';
import { MetricsController } from './metrics.controller';
import { MetricsService } from './metrics.service';
import { PartsRepository } from './parts.repository';
import { StatusController } from './status.controller';
import { StatusService } from './status.service';
import { TopicsController } from './topics.controller';

/** What the module needs of the world around it. */
export interface ControlPorts {
  token: string;
  names: TopicNames;
  hub: HubRepository;
  parts: PartsRepository;
  admin: AdminConnector;
}

/** The HTTP API of the control plane; its ports are handed in, so that tests bring their own. */
@Module({})
export class ControlModule implements OnApplicationShutdown {
  constructor(@Inject(LagService) private readonly lag: LagService) {}

  static register(ports: ControlPorts): DynamicModule {
    return {
      module: ControlModule,
      controllers: [
        HealthController,
        StatusController,
        TopicsController,
        ExceptionsController,
        MetricsController,
      ],
      providers: [
        { provide: ControlToken, useValue: { value: ports.token } },
        { provide: TopicNames, useValue: ports.names },
        { provide: HubRepository, useValue: ports.hub },
        { provide: PartsRepository, useValue: ports.parts },
        { provide: AdminConnector, useValue: ports.admin },
        { provide: APP_GUARD, useClass: BearerGuard },
        {
          provide: HealthChecks,
          inject: [HubRepository, LagService],
          useFactory: (hub: HubRepository, lag: LagService) =>
            new HealthChecks().add('database', () => hub.ping()).add('kafka', () => lag.ping()),
        },
        LagService,
        StatusService,
        ExceptionsService,
        MetricsService,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lag.close();
  }
}
