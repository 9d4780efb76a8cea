/** Which source connectors this environment asks for, with their configuration. */
import { connectorDefinitions } from '#connectors';
import type { ConnectorDefinition } from '#connector-sdk';
import { SettingsError } from '#runtime';
import type { SourceSpec } from '#runtime';

const POLL_INTERVAL_MS = 5_000;
const SWEEP_INTERVAL_MS = 3_600_000;

/**
 * `MILLRACE_SOURCES` names connectors, comma-separated; without it, every source connector runs whose required
 * variables are all set. Each has `<NAME>_POLL_INTERVAL_MS` and `<NAME>_SWEEP_INTERVAL_MS` beside its own.
 */
export function configuredSources(env: NodeJS.ProcessEnv): SourceSpec[] {
  const sources = connectorDefinitions().filter((definition) => definition.source);
  const named = (env.MILLRACE_SOURCES ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = named.find((name) => !sources.some((definition) => definition.name === name));
  if (unknown !== undefined) {
    const known = sources.map((definition) => definition.name).join(', ');
    throw new SettingsError(
      `reading MILLRACE_SOURCES: there is no source connector "${unknown}". There are: ${known}`,
    );
  }
  return sources
    .filter((definition) =>
      named.length > 0 ? named.includes(definition.name) : isConfigured(definition, env),
    )
    .map((definition) => specOf(definition, env));
}

const prefixOf = (definition: ConnectorDefinition): string => `${definition.name.toUpperCase()}_`;

function isConfigured(definition: ConnectorDefinition, env: NodeJS.ProcessEnv): boolean {
  const required = definition.config.describe(prefixOf(definition)).filter((field) => field.required);
  return required.every(({ variable }) => (env[variable] ?? '') !== '');
}

function specOf(definition: ConnectorDefinition, env: NodeJS.ProcessEnv): SourceSpec {
  const prefix = prefixOf(definition);
  return {
    definition,
    config: definition.config.parse(env, prefix),
    pollIntervalMs: interval(env, `${prefix}POLL_INTERVAL_MS`, POLL_INTERVAL_MS),
    sweepIntervalMs: interval(env, `${prefix}SWEEP_INTERVAL_MS`, SWEEP_INTERVAL_MS),
  };
}

function interval(env: NodeJS.ProcessEnv, variable: string, fallback: number): number {
  const text = env[variable] ?? '';
  if (text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 50) return value;
  throw new SettingsError(`reading ${variable}: "${text}" is not a number of milliseconds, 50 or more`);
}
