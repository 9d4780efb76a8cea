import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HubContext, PublisherHost, readRules, readSettings, SourceHost } from '#runtime';
import type { AppProcess } from '#runtime';
import { configuredSources } from './configured-sources';

/** Wires the source app, in this order: hub, publishers, then the tasks of each configured connector. */
@Module({})
export class SourceModule {
  static register(app: AppProcess): DynamicModule {
    return {
      module: SourceModule,
      providers: [
        { provide: HubContext, useFactory: () => openHub(app) },
        {
          provide: PublisherHost,
          useFactory: (hub: HubContext) => startPublishers(app, hub),
          inject: [HubContext],
        },
        {
          provide: SourceHost,
          useFactory: (hub: HubContext, publishers: PublisherHost) => startSources(app, hub, publishers),
          inject: [HubContext, PublisherHost],
        },
      ],
      exports: [SourceHost],
    };
  }
}

async function openHub(app: AppProcess): Promise<HubContext> {
  const hub = await HubContext.open(readSettings(app.app, process.env), app.logger);
  app.onStop('hub', () => hub.close());
  app.check('postgres', async () => void (await hub.pool.query('select 1')));
  return hub;
}

async function startPublishers(app: AppProcess, hub: HubContext): Promise<PublisherHost> {
  const publishers = hub.publisherHost();
  await publishers.start();
  app.onStop('publishers', () => publishers.stop());
  return publishers;
}

async function startSources(
  app: AppProcess,
  hub: HubContext,
  publishers: PublisherHost,
): Promise<SourceHost> {
  const sources = new SourceHost(hub, publishers, readRules(hub.settings.schemasDir));
  app.onStop('sources', () => sources.stop());
  for (const spec of configuredSources(process.env)) await sources.add(spec);
  return sources;
}
