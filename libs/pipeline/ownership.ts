import type { AttributePath, EntityName, SystemName } from '#contracts';
import { keyAttributes } from './attribute-catalogue';
import type { AttributePattern } from './attribute-pattern';
import { matchesPattern } from './attribute-pattern';

/** Attributes of the record itself and the values of which each must have one. All must hold. */
export type Condition = readonly { attribute: AttributePath; anyOf: readonly string[] }[];

/** One owner in a rule. It is in force until its condition holds; the last step has none. */
export interface OwnershipStep {
  owner: SystemName;
  until: Condition | null;
}

/** Who may author the attributes that a pattern names, in the order of the hand-over. */
export interface OwnershipRule {
  pattern: AttributePattern;
  chain: readonly OwnershipStep[];
  /** Where the rule stands in the file, counted from 1. */
  line: number;
}

/** A system that may never write what the pattern names, whatever any rule or mapping says. */
export interface Denial {
  system: SystemName;
  pattern: AttributePattern;
  line: number;
}

/** What a rules file says of one entity. */
export interface EntityOwnership {
  /** The system that says that a record is there, and the line where that is written. */
  exists: { system: SystemName; line: number };
  /** The most telling pattern first. */
  rules: readonly OwnershipRule[];
}

/**
 * The ownership matrix: for each entity and attribute its owner, by default-deny. Immutable; `parseOwnership`
 * makes it. Answers are remembered, since the same few attributes are asked for with every record.
 */
export class OwnershipRules {
  private readonly ruleMemo = new Map<string, OwnershipRule | null>();
  private readonly denialMemo = new Map<string, Denial | null>();

  constructor(
    /** The file, as messages name it: `schemas/rules/ownership.yaml`. */
    readonly file: string,
    private readonly entities: ReadonlyMap<EntityName, EntityOwnership>,
    private readonly denials: readonly Denial[],
  ) {}

  /** The system that says that a record of this entity exists; null when nobody does. */
  existsOwner(entity: EntityName): SystemName | null {
    return this.entities.get(entity)?.exists.system ?? null;
  }

  /**
   * The one rule that decides about an attribute; null means that nobody may author it. An exact name beats a
   * group beats a glob. Key attributes (code, sku, product) without a rule of their own belong to the system
   * that says that the record exists.
   */
  rule(entity: EntityName, attribute: AttributePath): OwnershipRule | null {
    return remember(this.ruleMemo, `${entity} ${attribute}`, () => this.findRule(entity, attribute));
  }

  /**
   * The hard denial that keeps a system from writing an attribute, or null. A pattern speaks of attributes in
   * every entity (`inventory.*` is also `inventory.stock` of a variant) and of an entity's attributes
   * (`inventory.*` is also everything of the entity inventory; `product.name` is the name of a product).
   */
  isDenied(system: SystemName, entity: EntityName, attribute: AttributePath): Denial | null {
    return remember(this.denialMemo, `${system} ${entity} ${attribute}`, () => {
      const names = [attribute, `${entity}.${attribute}`];
      const denies = (denial: Denial) => names.some((name) => matchesPattern(denial.pattern, name));
      return this.denials.find((denial) => denial.system === system && denies(denial)) ?? null;
    });
  }

  private findRule(entity: EntityName, attribute: AttributePath): OwnershipRule | null {
    const ownership = this.entities.get(entity);
    if (ownership === undefined) return null;
    const named = ownership.rules.find(({ pattern }) => matchesPattern(pattern, attribute));
    if (named !== undefined) return named;
    if (!keyAttributes(entity).includes(attribute)) return null;
    const { system, line } = ownership.exists;
    const pattern = { text: attribute, head: attribute, tail: null, rank: 0 };
    return { pattern, chain: [{ owner: system, until: null }], line };
  }
}

/** Bounds the memory that hostile attribute names could take; a tenant has some hundreds of attributes. */
const MEMO_LIMIT = 20_000;

function remember<T>(memo: Map<string, T>, key: string, compute: () => T): T {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const value = compute();
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(key, value);
  return value;
}
