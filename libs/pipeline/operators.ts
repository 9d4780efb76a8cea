import type { AttributeValue, LocalisedText, MediaReference } from '#contracts';
import type { AttributeType } from './attribute-catalogue';
import { conditionTexts } from './condition';
import { isMediaList, isTextList, unwrapped } from './custom-value';
import { DECIMAL, shiftDecimal } from './decimal';
import { describe, fit } from './fit';
import type { SourceOperator, ValueStep } from './mapping';

/** What an operator gives: a value, which may be null; nothing; or why it could not. */
export type Outcome =
  | { kind: 'value'; value: AttributeValue }
  | { kind: 'absent' }
  | { kind: 'problem'; reason: string; unmappedValue: boolean };

type Read = (field: string) => AttributeValue | undefined;

const ABSENT: Outcome = { kind: 'absent' };

/** Runs one operator of a mapping. `type` is that of the target; the result still has to be fitted to it. */
export function runOperator(operator: SourceOperator, type: AttributeType, read: Read): Outcome {
  switch (operator.kind) {
    case 'constant':
      return valued(operator.value);
    case 'copy':
      return operator.steps.reduce(runStep, firstFilled(operator.fields, read));
    case 'join':
      return joined(operator.fields, operator.separator, type, read);
    case 'locale':
      return byLocale(operator.fields, read);
    case 'roles':
      return byRole(operator.fields, read);
  }
}

/** The first field that is there and not empty; else null when one of them is there; else nothing. */
function firstFilled(fields: readonly string[], read: Read): Outcome {
  const there = fields.map(read).filter((value) => value !== undefined);
  if (there.length === 0) return ABSENT;
  if (fields.length === 1) return valued(there[0]!);
  return valued(there.find((value) => !isEmpty(value)) ?? null);
}

function runStep(outcome: Outcome, step: ValueStep): Outcome {
  if (outcome.kind !== 'value' || outcome.value === null) return outcome;
  switch (step.kind) {
    case 'values':
      return lookUp(outcome.value, step);
    case 'split':
      return split(outcome.value, step.separator);
    case 'unit':
      return convert(outcome.value, step);
  }
}

function lookUp(value: AttributeValue, { table, keepUnlisted }: ValueStep & { kind: 'values' }): Outcome {
  const isList = isTextList(unwrapped(value));
  const texts = conditionTexts(value);
  if (texts.length === 0 && !isList)
    return problem(`${describe(value)} came, which no table of values can hold`);
  const unlisted = texts.find((text) => !table.has(text));
  if (unlisted !== undefined && !keepUnlisted) {
    return { kind: 'problem', reason: `"${unlisted}" is not in the table of values`, unmappedValue: true };
  }
  const found = texts.map((text) => table.get(text) ?? text);
  return valued(isList ? found : found[0]!);
}

function split(value: AttributeValue, separator: string): Outcome {
  const [text] = textOf(value);
  if (text === undefined) return problem(`${describe(value)} came, but text is needed to split it`);
  const parts = text.split(separator).map((part) => part.trim());
  return valued(parts.filter((part) => part !== ''));
}

function convert(value: AttributeValue, { shift, from, to }: ValueStep & { kind: 'unit' }): Outcome {
  const [text] = textOf(value);
  if (text === undefined || !DECIMAL.test(text)) return problem(`turning ${from} into ${to} needs a number`);
  return valued({ kind: 'decimal', decimal: shiftDecimal(text, shift) });
}

function joined(
  fields: readonly string[],
  separator: string | null,
  type: AttributeType,
  read: Read,
): Outcome {
  const there = fields.map(read).filter((value) => value !== undefined);
  if (there.length === 0) return ABSENT;
  const filled = there.filter((value) => value !== null);
  if (filled.length === 0) return valued(null);
  if (separator !== null) {
    const misfit = filled.find((value) => textOf(value).length === 0);
    if (misfit !== undefined) return problem(`${describe(misfit)} came, but text is needed to join it`);
    return valued(filled.flatMap(textOf).join(separator));
  }
  const lists = filled.map((value) => unwrapped(value));
  if (type !== 'media' && lists.every(isTextList)) return valued(lists.flat());
  if (type !== 'string_list' && lists.every(isMediaList)) return valued(lists.flat());
  return problem('only lists of one kind can be put one after the other');
}

function byLocale(fields: ReadonlyMap<string, string>, read: Read): Outcome {
  const there = [...fields].map(([locale, field]) => ({ locale, value: read(field) }));
  if (there.every(({ value }) => value === undefined)) return ABSENT;
  const texts: [string, string][] = [];
  for (const { locale, value } of there) {
    if (value === undefined || isEmpty(value)) continue;
    const result = fit('string', value);
    if ('misfit' in result) return problem(`${locale}: ${result.misfit}`);
    texts.push([locale, result.value as string]);
  }
  const localised: LocalisedText = Object.fromEntries(texts);
  return valued(texts.length === 0 ? null : localised);
}

function byRole(fields: ReadonlyMap<string, string>, read: Read): Outcome {
  const there = [...fields].map(([role, field]) => ({ role, value: read(field) }));
  if (there.every(({ value }) => value === undefined)) return ABSENT;
  const media: MediaReference[] = [];
  for (const { role, value } of there) {
    if (value === undefined || value === null) continue;
    const references = unwrapped(value);
    if (!isMediaList(references))
      return problem(`${role}: ${describe(value)} came, but references to assets are needed`);
    media.push(...references.map((reference) => ({ ...reference, role })));
  }
  return valued(media.length === 0 ? null : media);
}

/** A single value as a list of one text, or none. */
function textOf(value: AttributeValue): string[] {
  const result = fit('string', value);
  return 'value' in result && typeof result.value === 'string' ? [result.value] : [];
}

function isEmpty(value: AttributeValue): boolean {
  const plain = unwrapped(value);
  return plain === null || plain === '' || (Array.isArray(plain) && plain.length === 0);
}

function valued(value: AttributeValue): Outcome {
  return { kind: 'value', value };
}

function problem(reason: string): Outcome {
  return { kind: 'problem', reason, unmappedValue: false };
}
