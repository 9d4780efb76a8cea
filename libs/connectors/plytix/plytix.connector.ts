/** Plytix, a PIM: the system that authors most product data. Reads product trees; writing comes with the sink. */
import type { ConnectorDefinition } from '#connector-sdk';
import { plytixConfig } from './plytix.config';
import type { PlytixConfig } from './plytix.config';
import { PlytixSource } from './plytix.source';

export const plytixConnector: ConnectorDefinition<PlytixConfig> = {
  name: 'plytix',
  title: 'Plytix PIM',
  apiVersion: 'v2 (products), v1 (all else)',
  config: plytixConfig,
  entities: [
    { entity: 'product', read: { cursor: 'timestamp', deletes: 'sweep' } },
    { entity: 'variant', read: { cursor: 'timestamp', deletes: 'sweep' } },
  ],
  system: () => 'plytix',
  source: (config, context) => new PlytixSource(config, context),
};
