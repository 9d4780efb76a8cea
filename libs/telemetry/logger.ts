import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Name of the app; in every line. */
  app: string;
  /** Least severe level that is written: usually the value of MILLRACE_LOG_LEVEL. Unknown or empty: `info`. */
  level?: string | undefined;
  /** Where lines go. Default: stdout. */
  destination?: DestinationStream;
}

/** Fields whose values never reach a log line, at the top of an entry and one level down. */
const SECRET_FIELDS = ['password', 'apiKey', 'apiPassword', 'token', 'authorization', 'secret'];

/**
 * A pino logger that writes one JSON object per line, with level as a word and time as RFC 3339, and masks
 * credentials. WARN asks somebody to look, ERROR to act; normal operation writes nothing above debug.
 */
export function createLogger({ app, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level: isLogLevel(level) ? level : 'info',
      base: { app, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '***' },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function isLogLevel(value: string | undefined): value is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(value ?? '');
}

/**
 * Lets Nest write through pino. What Nest says in normal operation ("module initialized", "route mapped")
 * is debug here; its warnings and errors keep their level.
 */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]): void => {
      logger[level](nestFields(message, rest), nestMessage(message));
    };
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}

function nestMessage(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Nest passes, after the message: objects to merge, then a stack (errors only), and last the context's name. */
function nestFields(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (message instanceof Error) fields.err = message;
  for (const [index, value] of rest.entries()) {
    if (value instanceof Error) fields.err = value;
    else if (typeof value === 'object' && value !== null) Object.assign(fields, value);
    else if (typeof value === 'string' && index === rest.length - 1 && !value.includes('\n'))
      fields.context = value;
    else if (typeof value === 'string') fields.stack = value;
  }
  return fields;
}
