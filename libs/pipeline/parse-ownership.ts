import { isMap, isScalar } from 'yaml';
import type { Node } from 'yaml';
import type { EntityName, SystemName } from '#contracts';
import { ENTITIES } from '#contracts';
import {
  ATTRIBUTE_MAPS,
  attributeType,
  attributeWords,
  isCatalogued,
  namedAttributes,
} from './attribute-catalogue';
import type { AttributePattern } from './attribute-pattern';
import { matchesPattern, parsePattern } from './attribute-pattern';
import { checkOwnership } from './check-ownership';
import type { Condition, Denial, EntityOwnership, OwnershipRule, OwnershipStep } from './ownership';
import { OwnershipRules } from './ownership';
import type { RulesEntry } from './rules-document';
import { RulesDocument } from './rules-document';
import { didYouMean } from './suggest';
import type { Systems } from './systems';

/** A rule as it was read, with its node, so that later checks can name the place. */
export type ReadRule = OwnershipRule & { node: Node };
export type ReadDenial = Denial & { node: Node };
export type ReadEntity = {
  exists: { system: SystemName; line: number } | null;
  rules: ReadRule[];
  node: Node;
};

/**
 * Reads `ownership.yaml`. Throws a RulesError that carries every problem in the file: unknown systems,
 * entities and attributes, names given twice, rules that a hard denial makes void, hand-over conditions that
 * nobody fills or that wait for each other.
 */
export function parseOwnership(text: string, file: string, systems: Systems): OwnershipRules {
  const document = new RulesDocument(text, file);
  const reader = new OwnershipReader(document, systems);
  const entities = new Map<EntityName, ReadEntity>();
  const denials: ReadDenial[] = [];
  for (const entry of document.root === null ? [] : document.entries(document.root, 'the file')) {
    const entity = ENTITIES.find((name) => name === entry.key);
    if (entity !== undefined) entities.set(entity, reader.entity(entity, entry));
    else if (entry.key === 'never') denials.push(...reader.denials(entry));
    else {
      document.report(
        entry.keyNode,
        `unknown entity "${entry.key}"`,
        didYouMean(entry.key, [...ENTITIES, 'never']),
      );
    }
  }
  checkOwnership(document, entities, denials);
  document.throwProblems();
  return new OwnershipRules(file, withoutNodes(entities), denials);
}

class OwnershipReader {
  constructor(
    private readonly document: RulesDocument,
    private readonly systems: Systems,
  ) {}

  entity(entity: EntityName, { value, keyNode }: RulesEntry): ReadEntity {
    const read: ReadEntity = { exists: null, rules: [], node: keyNode };
    for (const entry of this.document.entries(value, `"${entity}"`, keyNode)) {
      if (entry.key === 'exists') read.exists = this.exists(entry);
      else read.rules.push(...this.rules(entity, entry));
    }
    // `'*': wms` alone says all there is to say: what is the system's own, exists when the system says so.
    const all = read.rules.find(({ pattern, chain }) => pattern.text === '*' && chain.length === 1);
    if (read.exists === null && all !== undefined) {
      read.exists = { system: all.chain[0]!.owner, line: all.line };
    }
    return read;
  }

  denials({ value, keyNode }: RulesEntry): ReadDenial[] {
    return this.document.entries(value, '"never"', keyNode).flatMap((entry) => this.denial(entry));
  }

  /** Both directions are read: `inventory.*: [plytix]` and `plytix: [inventory.*]`. */
  private denial({ key, keyNode, value }: RulesEntry): ReadDenial[] {
    const line = this.document.lineOf(keyNode);
    const nodes = this.document.items(value);
    if (this.systems.has(key)) {
      return nodes.flatMap((node) => {
        const text = this.document.text(node, `what "${key}" may never write`, keyNode);
        const pattern = text === null ? null : this.deniedPattern(text, node!);
        return pattern === null
          ? []
          : [{ system: key, pattern, line: this.document.lineOf(node), node: node! }];
      });
    }
    const pattern = this.deniedPattern(key, keyNode);
    const systems = nodes.map((node) => this.system(node, keyNode)).filter((system) => system !== null);
    return pattern === null ? [] : systems.map((system) => ({ system, pattern, line, node: keyNode }));
  }

  private exists({ value, keyNode }: RulesEntry): ReadEntity['exists'] {
    const system = this.system(value, keyNode);
    return system === null ? null : { system, line: this.document.lineOf(keyNode) };
  }

  /** `size, colour: centric` is one rule for each of the names. */
  private rules(entity: EntityName, { key, keyNode, value }: RulesEntry): ReadRule[] {
    const line = this.document.lineOf(keyNode);
    const names = key.split(',').map((name) => name.trim());
    const patterns = names.map((name) => this.pattern(entity, name, keyNode)).filter((p) => p !== null);
    const chain = this.chain(entity, value, keyNode);
    return chain === null ? [] : patterns.map((pattern) => ({ pattern, chain, line, node: keyNode }));
  }

  private chain(entity: EntityName, node: Node | null, keyNode: Node): OwnershipStep[] | null {
    if (!isMap(node)) {
      const owner = this.system(node, keyNode);
      return owner === null ? null : [{ owner, until: null }];
    }
    const fields = this.handOverFields(node);
    const owner = this.system(
      fields.get('owner')?.value ?? null,
      fields.get('owner')?.keyNode ?? node,
      'owner',
    );
    const until = fields.get('until');
    const then = fields.get('then');
    if (until === undefined && then === undefined) return owner === null ? null : [{ owner, until: null }];
    if (until === undefined || then === undefined) {
      const [there, missing] = until === undefined ? ['then', 'until'] : ['until', 'then'];
      this.document.report(
        node,
        `"${there}" without "${missing}"`,
        'Write { owner: …, until: { … }, then: … }.',
      );
      return null;
    }
    const condition = this.condition(entity, until);
    const rest = this.chain(entity, then.value, then.keyNode);
    return owner === null || rest === null ? null : [{ owner, until: condition }, ...rest];
  }

  private handOverFields(node: Node): Map<string, RulesEntry> {
    const known = ['owner', 'until', 'then'];
    const fields = new Map<string, RulesEntry>();
    for (const entry of this.document.entries(node, 'a rule')) {
      if (known.includes(entry.key)) fields.set(entry.key, entry);
      else this.document.report(entry.keyNode, `unknown field "${entry.key}"`, didYouMean(entry.key, known));
    }
    return fields;
  }

  private condition(entity: EntityName, { value, keyNode }: RulesEntry): Condition {
    const entries = this.document.entries(value, '"until"', keyNode);
    if (isMap(value) && entries.length === 0) {
      this.document.report(value, '"until" names no attribute', 'Write for instance { status: released }.');
    }
    return entries.map((entry) => {
      if (entry.key.includes('*'))
        this.document.report(entry.keyNode, 'a condition must name one attribute exactly');
      else this.pattern(entity, entry.key, entry.keyNode);
      const anyOf = this.document.texts(entry.value, `the value of "${entry.key}"`, entry.keyNode);
      return { attribute: entry.key, anyOf };
    });
  }

  private system(node: Node | null, keyNode: Node, role = 'system'): SystemName | null {
    if (node === null || (isScalar(node) && node.value === null)) {
      this.document.report(
        node ?? keyNode,
        role === 'owner' ? 'the rule names no owner' : 'no system is named',
      );
      return null;
    }
    const name = this.document.text(node, 'the owner', keyNode);
    if (name === null || this.systems.has(name)) return name;
    this.document.report(node, `unknown system "${name}"`, didYouMean(name, this.systems.keys()));
    return null;
  }

  private pattern(entity: EntityName, text: string, node: Node): AttributePattern | null {
    const pattern = this.wellFormed(text, node);
    if (pattern === null || !isCatalogued(entity) || namesSomething(entity, pattern)) return pattern;
    const what = pattern.tail === null ? 'has no attribute' : 'has no attributes like';
    const words = attributeWords(entity);
    this.document.report(node, `${entity} ${what} "${text}"`, suggestAttribute(text, words));
    return null;
  }

  private deniedPattern(text: string, node: Node): AttributePattern | null {
    const pattern = this.wellFormed(text, node);
    if (pattern === null) return null;
    const [first, rest] = [text.split('.')[0]!, text.slice(text.indexOf('.') + 1)];
    const entity = ENTITIES.find((name) => name === first && text.includes('.'));
    const within = entity === undefined ? null : parsePattern(rest);
    const inEntity = entity !== undefined && (!isCatalogued(entity) || namesSomething(entity, within!));
    if (inEntity || ENTITIES.some((name) => isCatalogued(name) && namesSomething(name, pattern)))
      return pattern;
    const words = [
      ...this.systems.keys(),
      ...ENTITIES.flatMap((name) => [...attributeWords(name), `${name}.*`]),
    ];
    this.document.report(
      node,
      `no entity has attributes like "${text}"`,
      suggestAttribute(text, new Set(words)),
    );
    return null;
  }

  private wellFormed(text: string, node: Node): AttributePattern | null {
    const pattern = text === '' ? null : parsePattern(text);
    if (pattern !== null) return pattern;
    const message = text === '' ? 'an attribute without a name' : `"${text}" has more than one star`;
    this.document.report(node, message, 'Write a name (name), a group (custom.*) or a glob (custom.care_*).');
    return null;
  }
}

function suggestAttribute(text: string, words: Iterable<string>): string | null {
  const near = didYouMean(text, words);
  if (near !== null || text.includes('*')) return near;
  return `An attribute that the schema does not name is written "custom.${text}".`;
}

function namesSomething(entity: EntityName, pattern: AttributePattern): boolean {
  if (pattern.tail === null) return attributeType(entity, pattern.head) !== null;
  if (namedAttributes(entity).some((name) => matchesPattern(pattern, name))) return true;
  // Any letter in place of the star shows whether the glob reaches into one of the maps.
  const maps = Object.keys(ATTRIBUTE_MAPS).map((map) => `${map}.`);
  const reachesMap = maps.some((map) => map.startsWith(pattern.head));
  return reachesMap || attributeType(entity, `${pattern.head}x${pattern.tail}`) !== null;
}

function withoutNodes(entities: ReadonlyMap<EntityName, ReadEntity>): Map<EntityName, EntityOwnership> {
  const ownership = new Map<EntityName, EntityOwnership>();
  for (const [entity, { exists, rules }] of entities) {
    if (exists === null) continue;
    const plain = rules.map(({ pattern, chain, line }) => ({ pattern, chain, line }));
    ownership.set(entity, { exists, rules: plain.sort((a, b) => b.pattern.rank - a.pattern.rank) });
  }
  return ownership;
}
