import { z } from 'zod';

/** What the control app takes from its environment; read here and nowhere else. */
export interface ControlConfig {
  port: number;
  host: string;
  /** Bearer token that every request but /health must bring. */
  token: string;
  databaseUrl: string;
  topicPrefix: string;
  /** Directory in which the supervisor keeps `supervisor.json`. */
  home: string;
  logLevel: string | undefined;
}

const environment = z.object({
  MILLRACE_CONTROL_PORT: z.coerce.number().int().min(0).max(65_535),
  MILLRACE_CONTROL_HOST: z.string().min(1).default('127.0.0.1'),
  MILLRACE_CONTROL_TOKEN: z.string().min(16, 'must have 16 characters or more'),
  DATABASE_URL: z.string().min(1),
  MILLRACE_TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, - and _')
    .default('millrace'),
  MILLRACE_HOME: z.string().min(1).default('.millrace'),
  MILLRACE_LOG_LEVEL: z.string().optional(),
});

/** Reads the configuration. Throws one sentence that names every variable that is missing or wrong. */
export function readControlConfig(env: NodeJS.ProcessEnv): ControlConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return env[name] === undefined ? `${name} is not set` : `${name} ${message}`;
    });
    throw new Error(`reading the environment of control: ${problems.join('; ')}`);
  }
  const value = parsed.data;
  return {
    port: value.MILLRACE_CONTROL_PORT,
    host: value.MILLRACE_CONTROL_HOST,
    token: value.MILLRACE_CONTROL_TOKEN,
    databaseUrl: value.DATABASE_URL,
    topicPrefix: value.MILLRACE_TOPIC_PREFIX,
    home: value.MILLRACE_HOME,
    logLevel: value.MILLRACE_LOG_LEVEL,
  };
}
