import type { AttributePath, AttributeValue, EntityName, SystemName } from '#contracts';
import type { AttributeType } from './attribute-catalogue';

/** How a vendor's fields become attributes: `schemas/rules/mappings/<system>.source.yaml`, read and checked. */
export interface SourceMapping {
  system: SystemName;
  /** The file, as messages name it. */
  file: string;
  entities: ReadonlyMap<EntityName, EntityMapping>;
}

export interface EntityMapping {
  /** Vendor field that carries the product code or the SKU. */
  code: string;
  /** Vendor field of a variant that carries the vendor id of its product. */
  parent: string | null;
  fields: readonly FieldMapping[];
  rest: readonly RestRule[];
  /** Vendor fields that are left out on purpose. */
  drop: ReadonlySet<string>;
}

/** One attribute and where its value comes from. */
export interface FieldMapping {
  target: AttributePath;
  type: AttributeType;
  operator: SourceOperator;
  /** Only when all of these vendor fields have one of these values; otherwise the attribute is absent. */
  when: readonly { field: string; anyOf: readonly string[] }[];
  /** Line of the rule in the file. */
  line: number;
}

/** The closed list of operators. There are no expressions: what these cannot say is a named pure function. */
export type SourceOperator =
  /** The first of the fields that is there and not empty; a plain copy names one field. */
  | { kind: 'copy'; fields: readonly string[]; steps: readonly ValueStep[] }
  | { kind: 'constant'; value: AttributeValue }
  /** Texts joined by the separator, or lists one after the other when it is null. */
  | { kind: 'join'; fields: readonly string[]; separator: string | null }
  /** Locale → field. */
  | { kind: 'locale'; fields: ReadonlyMap<string, string> }
  /** Role → field with references to assets, in order. */
  | { kind: 'roles'; fields: ReadonlyMap<string, string> };

/** What is done to a copied value, in the order: values, split, unit. */
export type ValueStep =
  /** A look-up table. A value that is not in it is a problem, or stays as it is (`unlisted: keep`). */
  | { kind: 'values'; table: ReadonlyMap<string, string>; keepUnlisted: boolean }
  | { kind: 'split'; separator: string }
  /** Moves the decimal point by so many places. */
  | { kind: 'unit'; shift: number; from: string; to: string };

/** All fields that begin with `prefix`, and that nothing else names, become custom attributes. */
export interface RestRule {
  prefix: string;
  /** What stands in place of the prefix: `custom.`. */
  target: string;
}

/** Vendor fields that a rule takes its value from. */
export function fieldsOf(operator: SourceOperator): readonly string[] {
  switch (operator.kind) {
    case 'constant':
      return [];
    case 'locale':
    case 'roles':
      return [...operator.fields.values()];
    default:
      return operator.fields;
  }
}
