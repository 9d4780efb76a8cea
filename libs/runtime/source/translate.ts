/** From what a connector reports to what the runtime decides on: mapping, and a check of every text. */
import { codeAttribute, normaliseCode } from '#contracts';
import type { Attributes, SystemName } from '#contracts';
import type { Observation, PresentObservation } from '#connector-sdk';
import { applySourceMapping } from '#pipeline';
import type { MappingProblem, SourceMapping } from '#pipeline';
import type { ExceptionFilter, NewException } from '#store';
import type { SeenRecord } from './source-model';

/** A page after mapping: what can be decided on, and what people must see. */
export interface Translated {
  seen: SeenRecord[];
  opened: NewException[];
  resolved: ExceptionFilter[];
}

/** Classes of exceptions about an attribute. They end when the record comes without the trouble. */
const ATTRIBUTE_CLASSES = ['unmapped_value', 'schema_drift'] as const;

/** Translates one page; one record's trouble is never another's. */
export function translatePage(
  mapping: SourceMapping,
  observations: readonly Observation[],
  answeredAtMs: number,
): Translated {
  const page: Translated = { seen: [], opened: [], resolved: [] };
  for (const observation of observations) translate(mapping, observation, answeredAtMs, page);
  return page;
}

function translate(
  mapping: SourceMapping,
  observation: Observation,
  answeredAtMs: number,
  page: Translated,
): void {
  const { system } = mapping;
  const { entity, vendorId } = observation;
  const subject = { system, entity, recordKey: vendorId };
  if (observation.kind === 'undecodable') {
    const { reason: message, raw: original } = observation;
    page.opened.push({ ...subject, class: 'undecodable', severity: 'error', message, original });
    return;
  }
  page.resolved.push({ class: 'undecodable', ...subject });
  if (observation.kind === 'gone') {
    for (const kind of ['missing_required', ...ATTRIBUTE_CLASSES] as const)
      page.resolved.push({ class: kind, ...subject });
    page.seen.push({ kind: 'gone', entity, vendorId, changedAtMs: observation.changedAtMs, answeredAtMs });
  } else translatePresent(mapping, observation, answeredAtMs, page);
}

function translatePresent(
  mapping: SourceMapping,
  observation: PresentObservation,
  answeredAtMs: number,
  page: Translated,
): void {
  const { entity, vendorId, state, changedAtMs, vendorTime } = observation;
  const subject = { system: mapping.system, entity, recordKey: vendorId };
  const mapped = applySourceMapping(mapping, entity, state);
  const { clean, dirty } = splitUnstorable(mapped.attributes);
  const isRecord = entity === 'product' || entity === 'variant';
  const codeName = isRecord ? codeAttribute(entity) : 'code';
  const claim = mapped.code === null || dirty.includes(codeName) ? '' : normaliseCode(mapped.code);
  if (claim === '') {
    // Not resolved before: the same trouble again is one more occurrence, not another exception.
    page.opened.push(missingCode(subject, codeName, state));
    return;
  }
  page.resolved.push({ class: 'missing_required', ...subject });
  const problems = [...mapped.problems, ...dirty.map((name) => unstorable(name, state))];
  page.opened.push(...problems.map((problem) => problemException(subject, problem)));
  const targets = mapping.entities.get(entity)?.fields.map((field) => field.target) ?? [];
  page.resolved.push(...resolvedBy(subject, problems, [...Object.keys(clean), ...targets]));
  page.seen.push({
    kind: 'present',
    entity,
    vendorId,
    claim,
    parentVendorId: mapped.parentVendorId,
    attributes: clean,
    kept: problems.map((problem) => problem.attribute),
    changedAtMs,
    vendorTime,
    answeredAtMs,
  });
}

/**
 * What this record could have opened and has not: what was wrong is right now. Where another attribute still has
 * trouble of that class, attribute by attribute.
 */
function resolvedBy(
  subject: Subject,
  problems: readonly MappingProblem[],
  attributes: readonly string[],
): ExceptionFilter[] {
  return ATTRIBUTE_CLASSES.flatMap((kind): ExceptionFilter[] => {
    const wrong = new Set(problems.filter((problem) => problem.class === kind).map((p) => p.attribute));
    if (wrong.size === 0) return [{ class: kind, ...subject }];
    const right = [...new Set(attributes)].filter((attribute) => !wrong.has(attribute));
    return right.map((attribute) => ({ class: kind, ...subject, attribute }));
  });
}

type Subject = { system: SystemName; entity: NewException['entity']; recordKey: string };

function missingCode(subject: Subject, attribute: string, state: Attributes): NewException {
  return {
    ...subject,
    class: 'missing_required',
    severity: 'error',
    attribute,
    message: `publishing ${subject.system} ${subject.entity} ${subject.recordKey}: it has no ${attribute === 'sku' ? 'SKU' : attribute}. Give it one in ${subject.system}.`,
    original: state,
  };
}

function problemException(subject: Subject, problem: MappingProblem): NewException {
  const { attribute, reason: message, raw: original } = problem;
  return { ...subject, class: problem.class, severity: 'warning', attribute, message, original };
}

function unstorable(attribute: string, state: Attributes): MappingProblem {
  const reason = `storing ${attribute}: its text holds a character that PostgreSQL and Avro readers refuse (NUL or half a surrogate pair)`;
  return { attribute, class: 'schema_drift', reason, raw: state };
}

/** NUL, which PostgreSQL's text refuses, and lone surrogates, which are not Unicode text. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

function splitUnstorable(attributes: Attributes): { clean: Attributes; dirty: string[] } {
  const dirty = Object.keys(attributes).filter((name) => hasUnstorableText([name, attributes[name]]));
  const clean = Object.entries(attributes).filter(([name]) => !dirty.includes(name));
  return { clean: Object.fromEntries(clean), dirty };
}

/** True when any text within a value, key names included, cannot be stored. */
function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return !isStorable(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => !isStorable(name) || hasUnstorableText(item));
}
