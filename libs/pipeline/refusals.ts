import type { AttributePath, Attributes, AttributeValue, EntityName, SystemName } from '#contracts';
import type { Contribution } from './fold';
import type { OwnershipRules } from './ownership';

/** An attribute that a system supplied and that is not taken from it. */
export type Refusal =
  /** No rule names the system for this attribute. Expected; counted by (system, attribute). */
  | { attribute: AttributePath; kind: 'not_owner'; line: null }
  /** A hard denial. The value is kept as an audit record; `line` is that of the denial. */
  | { attribute: AttributePath; kind: 'denied'; line: number };

/**
 * The attributes of a contribution that ownership does not take from its system, by name. An attribute whose
 * rule names the system for another time, before or after a hand-over, is not refused: it waits.
 */
export function refusals(
  entity: EntityName,
  contribution: Pick<Contribution, 'system' | 'attributes'>,
  rules: OwnershipRules,
): Refusal[] {
  const { system, attributes } = contribution;
  return Object.keys(attributes)
    .sort()
    .flatMap((attribute): Refusal[] => {
      const denial = rules.isDenied(system, entity, attribute);
      if (denial !== null) return [{ attribute, kind: 'denied', line: denial.line }];
      const named = rules.rule(entity, attribute)?.chain.some(({ owner }) => owner === system) ?? false;
      return named ? [] : [{ attribute, kind: 'not_owner', line: null }];
    });
}

/** A value that a hard denial keeps out of the contributions. */
export interface DeniedValue {
  attribute: AttributePath;
  value: AttributeValue;
  /** Line of the denial in the ownership file. */
  line: number;
}

/** Splits what a system supplied into what may be stored as its contribution and what is denied for good. */
export function splitDenied(
  entity: EntityName,
  system: SystemName,
  attributes: Attributes,
  rules: OwnershipRules,
): { kept: Attributes; denied: DeniedValue[] } {
  const denied: DeniedValue[] = [];
  const kept = Object.entries(attributes).filter(([attribute, value]) => {
    const denial = rules.isDenied(system, entity, attribute);
    if (denial !== null) denied.push({ attribute, value, line: denial.line });
    return denial === null;
  });
  return { kept: Object.fromEntries(kept), denied };
}
