/**
 * What is wrong with a rules file, in words that a merchandiser can act on.
 */

/** One thing that is wrong, with the place where it is. Line and column count from 1. */
export interface RulesProblem {
  file: string;
  line: number;
  column: number;
  /** One sentence without its full stop: `unknown system "plitix"`. */
  message: string;
  /** What to do, as a whole sentence: `Did you mean "plytix"?`. null where there is nothing sensible to propose. */
  suggestion: string | null;
}

/** `schemas/rules/ownership.yaml:14:20  unknown system "plitix". Did you mean "plytix"?` */
export function problemText({ file, line, column, message, suggestion }: RulesProblem): string {
  return `${file}:${line}:${column}  ${message}${suggestion === null ? '' : `. ${suggestion}`}`;
}

/** Thrown when rules cannot be used. Carries all problems of all files at once, in the order of the text. */
export class RulesError extends Error {
  readonly problems: readonly RulesProblem[];

  constructor(problems: readonly RulesProblem[]) {
    const sorted = problems.toSorted(byPlace);
    super(sorted.map(problemText).join('\n'));
    this.name = 'RulesError';
    this.problems = sorted;
  }
}

function byPlace(a: RulesProblem, b: RulesProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
