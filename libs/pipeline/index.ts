/** Pure functions over records and rules: ownership, fold, diff, mapping. No I/O, no clock, no Nest. */
export { applySourceMapping } from './apply-mapping';
export type { MappedRecord, MappingProblem, VendorFields } from './apply-mapping';
export * from './attribute-catalogue';
export { contentOf, isCustomValue } from './custom-value';
export * from './diff';
export * from './fold';
export * from './load-rules';
export type {
  EntityMapping,
  FieldMapping,
  RestRule,
  SourceMapping,
  SourceOperator,
  ValueStep,
} from './mapping';
export * from './mapping-test';
export { OwnershipRules } from './ownership';
export type { Condition, Denial, OwnershipRule, OwnershipStep } from './ownership';
export { parseSourceMapping } from './parse-mapping';
export { parseOwnership } from './parse-ownership';
export * from './problems';
export * from './refusals';
export { rulesHash } from './rules-version';
export type { RulesFile } from './rules-version';
export * from './systems';
