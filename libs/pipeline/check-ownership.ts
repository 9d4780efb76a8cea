import type { EntityName } from '#contracts';
import { keyAttributes } from './attribute-catalogue';
import { covers, matchesPattern, overlap } from './attribute-pattern';
import type { ReadDenial, ReadEntity, ReadRule } from './parse-ownership';
import type { RulesDocument } from './rules-document';

type Entities = ReadonlyMap<EntityName, ReadEntity>;

/** Checks what only shows when the whole file has been read, and reports it to the document. */
export function checkOwnership(
  document: RulesDocument,
  entities: Entities,
  denials: readonly ReadDenial[],
): void {
  for (const [entity, read] of entities) {
    if (read.exists === null && document.problems.length === 0) {
      document.report(read.node, `nobody says that a ${entity} exists`, 'Write for instance exists: plytix.');
    }
    checkAmbiguity(document, read.rules);
    checkDenials(document, entity, read.rules, denials);
    checkConditions(document, entity, read);
  }
}

function checkAmbiguity(document: RulesDocument, rules: readonly ReadRule[]): void {
  rules.forEach((rule, index) => {
    const earlier = rules
      .slice(0, index)
      .find(({ pattern }) => pattern.rank === rule.pattern.rank && overlap(pattern, rule.pattern));
    if (earlier === undefined) return;
    const { text } = rule.pattern;
    const same = text === earlier.pattern.text;
    const message = same
      ? `"${text}" is given twice, first on line ${earlier.line}`
      : `"${text}" and "${earlier.pattern.text}" on line ${earlier.line} can name the same attribute, and neither is the closer one`;
    document.report(
      rule.node,
      message,
      same ? null : 'Name the attribute exactly, or make one of them longer.',
    );
  });
}

function checkDenials(
  document: RulesDocument,
  entity: EntityName,
  rules: readonly ReadRule[],
  denials: readonly ReadDenial[],
): void {
  for (const { pattern, chain, node } of rules) {
    const qualified = { ...pattern, text: `${entity}.${pattern.text}`, head: `${entity}.${pattern.head}` };
    for (const { owner } of chain) {
      const denial = denials.find(
        (each) => each.system === owner && (covers(each.pattern, pattern) || covers(each.pattern, qualified)),
      );
      if (denial === undefined) continue;
      const message = `"${owner}" cannot own "${pattern.text}": line ${denial.line} denies it for good`;
      document.report(node, message, 'Name another owner, or take the denial out of "never".');
    }
  }
}

/**
 * A condition looks at golden attributes of the record, which have rules of their own. So attributes are
 * folded in the order in which they depend on each other, and rules that depend on themselves are refused.
 */
function checkConditions(document: RulesDocument, entity: EntityName, read: ReadEntity): void {
  const dependencies = new Map(
    read.rules.map((rule) => [rule, conditionRules(document, entity, rule, read)]),
  );
  const settled = new Set<ReadRule>();
  for (const rule of read.rules) {
    const circle = findCircle(rule, dependencies, [], settled);
    if (circle === null) continue;
    const names = circle.map(({ pattern }) => `"${pattern.text}"`).join(' waits for ');
    document.report(
      rule.node,
      `hand-over in a circle: ${names}`,
      'Let one of them belong to one system throughout.',
    );
    return;
  }
}

function conditionRules(
  document: RulesDocument,
  entity: EntityName,
  rule: ReadRule,
  read: ReadEntity,
): ReadRule[] {
  const best = read.rules.toSorted((a, b) => b.pattern.rank - a.pattern.rank);
  const attributes = new Set(
    rule.chain.flatMap(({ until }) => until ?? []).map(({ attribute }) => attribute),
  );
  return [...attributes].flatMap((attribute) => {
    const decides = best.find(({ pattern }) => matchesPattern(pattern, attribute));
    if (decides !== undefined) return [decides];
    if (!keyAttributes(entity).includes(attribute)) {
      const message = `nobody owns "${attribute}" of a ${entity}, so this hand-over could never happen`;
      document.report(rule.node, message, `Give "${attribute}" an owner.`);
    }
    return [];
  });
}

/** The rules that depend on each other in a circle through `rule`, first one repeated at the end; else null. */
function findCircle(
  rule: ReadRule,
  dependencies: ReadonlyMap<ReadRule, readonly ReadRule[]>,
  path: readonly ReadRule[],
  settled: Set<ReadRule>,
): ReadRule[] | null {
  const seenAt = path.indexOf(rule);
  if (seenAt >= 0) return [...path.slice(seenAt), rule];
  if (settled.has(rule)) return null;
  for (const next of dependencies.get(rule) ?? []) {
    const circle = findCircle(next, dependencies, [...path, rule], settled);
    if (circle !== null) return circle;
  }
  settled.add(rule);
  return null;
}
