/** One declaration of a connector's options drives parsing, checking, `--help` and the README's table. */
import { configFault, systemFault } from './faults';

interface FieldBase<T> {
  /** One or two sentences for the person who sets it. */
  doc: string;
  /** Used when the variable is not set. A field without default that is not required may be undefined. */
  default?: T;
  required?: boolean;
  examples?: readonly string[];
}

interface NumberBase extends FieldBase<number> {
  min?: number;
  max?: number;
}

/** Names are snake_case nouns with their unit (`overlap_ms`). A `secret` is never shown. */
export type FieldDefinition =
  | ({ type: 'string' } & FieldBase<string>)
  | ({ type: 'url' } & FieldBase<string>)
  | ({ type: 'secret' } & FieldBase<string>)
  | ({ type: 'integer' } & NumberBase)
  | ({ type: 'duration_ms' } & NumberBase)
  | ({ type: 'boolean' } & FieldBase<boolean>);

type Fields = Readonly<Record<string, FieldDefinition>>;

type BaseValue<F extends FieldDefinition> = F extends { type: 'integer' | 'duration_ms' }
  ? number
  : F extends { type: 'boolean' }
    ? boolean
    : string;

type ValueOf<F extends FieldDefinition> = F extends
  { required: true } | { default: string | number | boolean }
  ? BaseValue<F>
  : BaseValue<F> | undefined;

/** The typed configuration that a set of fields describes. */
export type ConfigOf<F extends Fields> = { readonly [N in keyof F]: ValueOf<F[N]> };

/** The configuration type of a spec: `type PlytixConfig = ConfigType<typeof plytixConfig>`. */
export type ConfigType<S> = S extends ConfigSpec<infer C> ? C : never;

/** One line of a table about a connector's options. */
export interface FieldDescription {
  name: string;
  /** Environment variable, with the prefix. */
  variable: string;
  type: FieldDefinition['type'];
  required: boolean;
  secret: boolean;
  /** As it would be written in the environment; null where there is none. */
  default: string | null;
  /** "from 1 to 100", "at least 1", or empty. */
  bounds: string;
  doc: string;
  examples: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a connector can be told, and how that is read. */
export interface ConfigSpec<C> {
  /**
   * Reads the fields from `<prefix><FIELD>` (`PLYTIX_API_KEY`). An empty variable counts as not set. All problems
   * are told in one `config` fault `bad_configuration` that names variable, bounds and remedy, never a secret.
   */
  parse(env: Environment, prefix: string): C;
  describe(prefix: string): readonly FieldDescription[];
  /** The values of the secret fields, for redaction. */
  secrets(config: C): readonly string[];
}

/** Declares a connector's fields. Throws a `system` fault for a name that is against the conventions. */
export function defineConfig<const F extends Fields>({ fields }: { fields: F }): ConfigSpec<ConfigOf<F>> {
  for (const [name, field] of Object.entries(fields)) checkName(name, field);
  return {
    parse: (env, prefix) => parse(fields, env, prefix) as ConfigOf<F>,
    describe: (prefix) => Object.entries(fields).map(([name, field]) => describe(name, field, prefix)),
    secrets: (config) =>
      Object.entries(fields)
        .filter(([, field]) => field.type === 'secret')
        .map(([name]) => (config as Record<string, unknown>)[name])
        .filter((value): value is string => typeof value === 'string' && value !== ''),
  };
}

/** The table of a connector's README, as Markdown; a test keeps the README equal to it. */
export function configTable(spec: ConfigSpec<unknown>, prefix: string): string {
  const rows = spec.describe(prefix).map((field) => {
    const fallback = field.required ? 'required' : (field.default ?? '');
    const bounds = field.bounds && ` (${field.bounds})`;
    return `| \`${field.variable}\` | ${field.type}${bounds} | ${fallback} | ${field.doc} |`;
  });
  return ['| variable | type | default | what it is |', '|---|---|---|---|', ...rows].join('\n');
}

function checkName(name: string, field: FieldDefinition): void {
  const problem = !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)
    ? 'it is not snake_case'
    : field.type === 'duration_ms' && !name.endsWith('_ms')
      ? 'a duration in milliseconds ends in _ms'
      : null;
  if (problem) throw systemFault('bad_config_spec', `defining field ${name}: ${problem}`);
}

function variableOf(name: string, prefix: string): string {
  return `${prefix}${name.toUpperCase()}`;
}

function parse(fields: Fields, env: Environment, prefix: string): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const variable = variableOf(name, prefix);
    const text = env[variable]?.trim() ?? '';
    if (text === '') {
      if (field.required && field.default === undefined)
        problems.push(`${variable} is not set. ${remedy(field)}`);
      config[name] = field.default;
      continue;
    }
    const read = readValue(field, text);
    if ('problem' in read) {
      const shown = field.type === 'secret' ? '' : ` ${JSON.stringify(withoutCredentials(text))}`;
      problems.push(`${variable}${shown} ${read.problem}. ${remedy(field)}`);
    } else config[name] = read.value;
  }
  if (problems.length > 0)
    throw configFault('bad_configuration', `reading the configuration: ${problems.join(' ')}`);
  return config;
}

function readValue(field: FieldDefinition, text: string): { value: unknown } | { problem: string } {
  switch (field.type) {
    case 'integer':
    case 'duration_ms': {
      const value = Number(text);
      const within = value >= (field.min ?? -Infinity) && value <= (field.max ?? Infinity);
      if (/^-?\d+$/.test(text) && Number.isSafeInteger(value) && within) return { value };
      const unit = field.type === 'duration_ms' ? ' of milliseconds' : '';
      const bounds = boundsOf(field);
      return {
        problem: `is not a whole number${unit}${bounds && (bounds.startsWith('at') ? ` of ${bounds}` : ` ${bounds}`)}`,
      };
    }
    case 'boolean': {
      if (/^(true|1|yes|on)$/i.test(text)) return { value: true };
      if (/^(false|0|no|off)$/i.test(text)) return { value: false };
      return { problem: 'is neither true nor false' };
    }
    case 'url': {
      if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
        return { problem: 'is not an http(s) URL' };
      // Paths are appended, and a doubled slash is another address for some servers.
      return { value: text.replace(/\/+$/, '') };
    }
    case 'string':
    case 'secret':
      return { value: text };
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/(:\/\/)[^\s/@]+@/, '$1[redacted]@');
}

function remedy(field: FieldDefinition): string {
  const example = field.examples?.[0];
  return `${field.doc}${example ? ` For example: ${example}` : ''}`;
}

function boundsOf(field: FieldDefinition): string {
  if (!('min' in field) && !('max' in field)) return '';
  const { min, max } = field as NumberBase;
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  return max === undefined ? '' : `at most ${max}`;
}

function describe(name: string, field: FieldDefinition, prefix: string): FieldDescription {
  return {
    name,
    variable: variableOf(name, prefix),
    type: field.type,
    required: field.required === true && field.default === undefined,
    secret: field.type === 'secret',
    default: field.default === undefined ? null : String(field.default),
    bounds: boundsOf(field),
    doc: field.doc,
    examples: field.examples ?? [],
  };
}
