/** What a command ends with. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * A person's mistake, or a state of things that a person must change: the message is one sentence that says
 * what to do, and is printed without a stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(message);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The exit code that an error asks for, if it is one whose message is made for people: ours, or any error that
 * carries an `exitCode` (the local stack's) or a fault's `kind`. null for everything else, which is a defect.
 */
export function exitCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return 'kind' in error && typeof error.kind === 'string' ? EXIT.failed : null;
}
