/**
 * Something about this machine or its configuration keeps the stack from running. The message is one or two
 * sentences for a person: what is wrong and what to do. It is printed without a stack trace.
 */
export class StackError extends Error {
  override readonly name = 'StackError';

  /** @param exitCode what the command line ends with; never 0. */
  constructor(
    message: string,
    readonly exitCode: number = 1,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Node's error code such as `ENOENT`, or undefined for anything else that was thrown. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an unknown thrown value says, on one line. kafkajs and pg wrap several causes without a message of their own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Turns the two file-system errors that a person can do something about into a StackError; others pass as they are.
 *
 * @param variable what moves `path` elsewhere
 */
export function explainFileError(error: unknown, path: string, variable = 'MILLRACE_HOME'): unknown {
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StackError(
        `No space is left on the disk that holds ${path}. Free at least 1 GB and start again.`,
        1,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StackError(
        `Millrace cannot write to ${path}. Make it writable for this user, or set ${variable} to a directory that is.`,
        1,
        { cause: error },
      );
    default:
      return error;
  }
}
