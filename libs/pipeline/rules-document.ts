import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import type { RulesProblem } from './problems';
import { RulesError } from './problems';

/** One line of a YAML mapping, with the nodes that tell where it stands. */
export interface RulesEntry {
  key: string;
  keyNode: Node;
  /** null where nothing follows the colon. */
  value: Node | null;
}

/**
 * A YAML rules file that is being read. Readers ask for what they expect; what is not as expected is noted
 * as a problem with its place, and reading goes on, so that a person sees all mistakes at once.
 */
export class RulesDocument {
  readonly problems: RulesProblem[] = [];
  readonly root: Node | null;
  private readonly lines = new LineCounter();

  constructor(
    text: string,
    readonly file: string,
  ) {
    // Duplicate keys are reported by `entries`, which can say where the first one is.
    const document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: false, prettyErrors: false });
    for (const error of document.errors) this.reportAt(error.pos[0], `reading YAML: ${error.message}`, null);
    this.root = document.errors.length > 0 ? null : document.contents;
    if (document.errors.length === 0 && this.root === null) this.reportAt(0, 'the file is empty', null);
  }

  /** Line of a node, counted from 1. */
  lineOf(node: Node | null): number {
    return this.lines.linePos(node?.range?.[0] ?? 0).line;
  }

  report(node: Node | null, message: string, suggestion: string | null = null): void {
    this.reportAt(node?.range?.[0] ?? 0, message, suggestion);
  }

  private reportAt(offset: number, message: string, suggestion: string | null): void {
    const { line, col } = this.lines.linePos(offset);
    const place = { line: Math.max(line, 1), column: Math.max(col, 1) };
    this.problems.push({ file: this.file, ...place, message, suggestion });
  }

  /** The entries of a mapping; a key that comes twice is reported and its first entry kept. */
  entries(node: Node | null, what: string, parent: Node | null = node): RulesEntry[] {
    if (!isMap(node)) {
      this.report(node ?? parent, `${what} must be a mapping of names to values${described(node)}`);
      return [];
    }
    const byKey = new Map<string, RulesEntry>();
    for (const { key: keyNode, value } of node.items) {
      const key = this.text(keyNode as Node | null, 'a name', node);
      if (key === null) continue;
      const first = byKey.get(key);
      if (first === undefined) byKey.set(key, { key, keyNode: keyNode as Node, value: value as Node | null });
      else
        this.report(keyNode as Node, `"${key}" is given twice, first on line ${this.lineOf(first.keyNode)}`);
    }
    return [...byKey.values()];
  }

  /** A plain value as text: numbers and booleans as they are written. Reports and gives null for all else. */
  text(node: Node | null, what: string, parent: Node | null = node): string | null {
    if (isScalar(node) && node.value !== null) {
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    this.report(node ?? parent, `${what} must be text${described(node)}`);
    return null;
  }

  /** A list, or one value that stands for a list of one. */
  items(node: Node | null): (Node | null)[] {
    return isSeq(node) ? (node.items as (Node | null)[]) : [node];
  }

  /** The texts of a list, or of one value that stands for a list of one. */
  texts(node: Node | null, what: string, parent: Node | null = node): string[] {
    return this.items(node)
      .map((item) => this.text(item, what, parent))
      .filter((text) => text !== null);
  }

  /** Throws all that was noted. */
  throwProblems(): void {
    if (this.problems.length > 0) throw new RulesError(this.problems);
  }
}

function described(node: Node | null): string {
  if (node === null || (isScalar(node) && node.value === null)) return ', but nothing is there';
  if (isAlias(node)) return ', not an alias';
  if (isSeq(node)) return ', not a list';
  return isMap(node) ? ', not a mapping' : ', not a single value';
}
