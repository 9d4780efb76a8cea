/** A file of JSON lines, speaking for any system. */
import type { ConnectorDefinition } from '#connector-sdk';
import { fileConfig } from './file.config';
import type { FileConfig } from './file.config';
import { FILE_ENTITIES } from './file.line';
import { FileSource } from './file.source';

export const fileConnector: ConnectorDefinition<FileConfig> = {
  name: 'file',
  title: 'File of JSON lines',
  apiVersion: '1',
  config: fileConfig,
  entities: FILE_ENTITIES.map((entity) => ({ entity, read: { cursor: 'token', deletes: 'sweep' } })),
  system: (config) => config.system,
  source: (config, context) => new FileSource(config, context),
};
