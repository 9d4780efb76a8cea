/** The connectors that there are. An explicit list: what is not in it does not exist. */
import type { ConnectorDefinition } from '#connector-sdk';
import { fileConnector } from './file/file.connector';
import { plytixConnector } from './plytix/plytix.connector';
import { postgresConnector } from './postgres/postgres.connector';

const DEFINITIONS: readonly ConnectorDefinition[] = [fileConnector, plytixConnector, postgresConnector];

/** All connectors, by name in alphabetical order. */
export function connectorDefinitions(): readonly ConnectorDefinition[] {
  return DEFINITIONS;
}
