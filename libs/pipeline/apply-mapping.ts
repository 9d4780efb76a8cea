import type { AttributePath, Attributes, AttributeValue, EntityName } from '#contracts';
import { keyAttributes } from './attribute-catalogue';
import { conditionTexts } from './condition';
import { fit } from './fit';
import type { EntityMapping, FieldMapping, SourceMapping } from './mapping';
import { fieldsOf } from './mapping';
import { runOperator } from './operators';

/** A record in a vendor's words, flat: field → value (`attributes.brand`). */
export type VendorFields = Attributes;

/** An attribute that could not be mapped. The others are not touched by it. */
export interface MappingProblem {
  attribute: AttributePath;
  /** `unmapped_value`: not in the look-up table. `schema_drift`: of a type that does not fit. */
  class: 'unmapped_value' | 'schema_drift';
  /** Gerund phrase: "mapping attributes.brand to brand: a list came, but text is needed". */
  reason: string;
  /** What the vendor sent: the fields that the rule looks at. */
  raw: VendorFields;
}

/** A record in the hub's words. */
export interface MappedRecord {
  /** Code or SKU, verbatim; also among the attributes. null when the vendor gave none. */
  code: string | null;
  /** The vendor's id of the product to which a variant belongs; null when the vendor names none. */
  parentVendorId: string | null;
  /**
   * What the vendor supplied. An attribute that is not in here was not supplied; those of `problems` are not
   * in here either, and keep their previous value (`mergeObserved`).
   */
  attributes: Attributes;
  problems: MappingProblem[];
  /** Vendor fields that no rule names: neither mapped, nor taken by `rest`, nor dropped on purpose. */
  unmapped: string[];
}

/**
 * Translates one record of a system. A pure function of its arguments; a value that does not fit is a problem
 * of that attribute alone.
 *
 * @throws Error when the mapping has no section for the entity.
 */
export function applySourceMapping(
  mapping: SourceMapping,
  entity: EntityName,
  state: VendorFields,
): MappedRecord {
  const rules = mapping.entities.get(entity);
  if (rules === undefined)
    throw new Error(`mapping ${mapping.system} ${entity}: ${mapping.file} has no section for it`);
  const record: MappedRecord = {
    code: null,
    parentVendorId: null,
    attributes: {},
    problems: [],
    unmapped: [],
  };
  const code = readText(record, keyAttributes(entity)[0] ?? 'code', rules.code, state);
  if (code !== null) record.attributes[keyAttributes(entity)[0] ?? 'code'] = record.code = code;
  if (rules.parent !== null) record.parentVendorId = readText(record, 'product', rules.parent, state);
  for (const field of rules.fields) mapField(record, field, state);
  mapRest(record, rules, state);
  return record;
}

/** A field that identifies: text, verbatim. Blank is none. */
function readText(
  record: MappedRecord,
  attribute: AttributePath,
  field: string,
  state: VendorFields,
): string | null {
  const result = fit('string', ownValue(state, field) ?? null);
  if ('value' in result)
    return typeof result.value === 'string' && result.value.trim() !== '' ? result.value : null;
  addProblem(record, attribute, 'schema_drift', [field], result.misfit, state);
  return null;
}

function mapField(
  record: MappedRecord,
  { target, type, operator, when }: FieldMapping,
  state: VendorFields,
): void {
  const applies = when.every(({ field, anyOf }) =>
    conditionTexts(ownValue(state, field) ?? null).some((text) => anyOf.includes(text)),
  );
  if (!applies) return;
  const outcome = runOperator(operator, type, (field) => ownValue(state, field));
  if (outcome.kind === 'absent') return;
  const result = outcome.kind === 'value' ? fit(type, outcome.value) : { misfit: outcome.reason };
  if ('value' in result) record.attributes[target] = result.value;
  else {
    const unmappedValue = outcome.kind === 'problem' && outcome.unmappedValue;
    const problemClass = unmappedValue ? 'unmapped_value' : 'schema_drift';
    addProblem(record, target, problemClass, fieldsOf(operator), result.misfit, state);
  }
}

function mapRest(record: MappedRecord, rules: EntityMapping, state: VendorFields): void {
  const named = new Set([
    rules.code,
    rules.parent,
    ...rules.fields.flatMap(({ operator }) => fieldsOf(operator)),
  ]);
  const conditions = new Set(rules.fields.flatMap(({ when }) => when.map(({ field }) => field)));
  const targets = new Set(rules.fields.map(({ target }) => target));
  for (const [field, value] of Object.entries(state)) {
    if (named.has(field) || rules.drop.has(field)) continue;
    const rest = rules.rest.find(({ prefix }) => field.startsWith(prefix) && field.length > prefix.length);
    const target = rest === undefined ? null : rest.target + field.slice(rest.prefix.length);
    if (target === null || targets.has(target) || Object.hasOwn(record.attributes, target)) {
      if (target !== null || !conditions.has(field)) record.unmapped.push(field);
      continue;
    }
    const result = fit('custom', value);
    if ('value' in result) record.attributes[target] = result.value;
    else addProblem(record, target, 'schema_drift', [field], result.misfit, state);
  }
}

function addProblem(
  record: MappedRecord,
  attribute: AttributePath,
  problemClass: MappingProblem['class'],
  fields: readonly string[],
  misfit: string,
  state: VendorFields,
): void {
  const there = fields.filter((field) => Object.hasOwn(state, field));
  const raw = Object.fromEntries(there.map((field) => [field, state[field]!]));
  const from = there.length > 0 ? there.join(', ') : fields.join(', ');
  record.problems.push({
    attribute,
    class: problemClass,
    reason: `mapping ${from} to ${attribute}: ${misfit}`,
    raw,
  });
}

function ownValue(state: VendorFields, field: string): AttributeValue | undefined {
  return Object.hasOwn(state, field) ? state[field] : undefined;
}
