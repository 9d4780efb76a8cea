import { configFault } from '#connector-sdk';
import type { BatchSinkConnector, ConnectorContext, ConnectorDefinition } from '#connector-sdk';
import { connectorDefinitions } from '#connectors';

/** The environment variables of the sink's target begin with this: `MART_URL`, `MART_SCHEMA`. */
export const TARGET_PREFIX = 'MART_';

/** A connector that can write batches, with its configuration read. */
export interface ConfiguredSink {
  definition: ConnectorDefinition;
  open(context: ConnectorContext): BatchSinkConnector;
}

/**
 * Reads which sink this process runs (MILLRACE_SINK, default `postgres`) and its configuration.
 * @throws `config` fault that names the variable and the remedy.
 */
export function readSinkConfig(env: NodeJS.ProcessEnv): ConfiguredSink {
  const name = env.MILLRACE_SINK || 'postgres';
  const sinks = connectorDefinitions().filter(({ batchSink }) => batchSink !== undefined);
  const definition = sinks.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    const known = sinks.map((candidate) => candidate.name).join(', ');
    throw configFault('unknown_sink', `reading MILLRACE_SINK: "${name}" is no batch sink; there is ${known}`);
  }
  const config = definition.config.parse(env, TARGET_PREFIX);
  return { definition, open: (context) => definition.batchSink!(config, context) };
}
