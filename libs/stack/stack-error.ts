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

/**
 * Node's error code such as `ENOENT`, or undefined for anything else that was thrown. Judged by shape: under Jest,
 * Node's errors are of another realm and no `instanceof Error`.
 */
export function errorCode(error: unknown): string | undefined {
  const { code } = shape(error);
  return typeof code === 'string' ? code : undefined;
}

/** What a thrown value says, on one line; of several causes (a host with two addresses) the first. */
export function messageOf(error: unknown): string {
  const { message, errors, cause } = shape(error);
  if (Array.isArray(errors) && errors.length > 0) return messageOf(errors[0]);
  // fetch hides what happened behind two words.
  if (message === 'fetch failed' && cause !== undefined) return messageOf(cause);
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}

function shape(error: unknown): { code?: unknown; message?: unknown; errors?: unknown; cause?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
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
