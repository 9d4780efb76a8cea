import { isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import type { AttributeValue } from '#contracts';
import type { AttributeType } from './attribute-catalogue';
import { fit } from './fit';
import type { FieldMapping, SourceOperator, ValueStep } from './mapping';
import type { RulesDocument, RulesEntry } from './rules-document';
import { didYouMean } from './suggest';
import { isUnit, UNIT_NAMES, unitShift } from './units';

/** What gives the value: exactly one in each rule. */
const GIVERS = ['from', 'first_of', 'constant', 'join', 'locale', 'roles'] as const;
type Giver = (typeof GIVERS)[number];

/** What may stand beside a giver. */
const COMPANIONS: Record<Giver, readonly string[]> = {
  from: ['values', 'unlisted', 'split', 'unit', 'when'],
  first_of: ['values', 'unlisted', 'split', 'unit', 'when'],
  constant: ['when'],
  join: ['with', 'when'],
  locale: ['when'],
  roles: ['when'],
};

const WORDS = [...GIVERS, ...new Set(Object.values(COMPANIONS).flat())];

type Parts = ReadonlyMap<string, RulesEntry>;

/** Reads the right side of one line of `fields`. What is wrong goes to the document. */
export class OperatorReader {
  constructor(private readonly document: RulesDocument) {}

  /** `type` is that of the target, null when the target is unknown. Gives null when there is no usable rule. */
  read(
    { key, value, keyNode }: RulesEntry,
    type: AttributeType | null,
  ): Pick<FieldMapping, 'operator' | 'when'> | null {
    if (!isMap(value)) {
      const field = this.document.text(value, `the field for "${key}"`, keyNode);
      return field === null ? null : { operator: { kind: 'copy', fields: [field], steps: [] }, when: [] };
    }
    const parts: Parts = new Map(this.document.entries(value, 'a rule').map((entry) => [entry.key, entry]));
    const giver = this.giver(key, value, parts);
    if (giver === null) return null;
    const operator = this.operator(giver, parts, type);
    if (operator === null) return null;
    if (type !== null) this.checkTarget(key, keyNode, operator, type);
    return { operator, when: this.conditions(parts.get('when')) };
  }

  private giver(target: string, node: Node, parts: Parts): Giver | null {
    const unknown = [...parts.values()].filter(({ key }) => !WORDS.includes(key));
    for (const { key, keyNode } of unknown) {
      this.document.report(keyNode, `unknown operator "${key}"`, didYouMean(key, WORDS));
    }
    const given = GIVERS.filter((name) => parts.has(name));
    const [giver] = given;
    if (giver === undefined || given.length > 1) {
      if (unknown.length > 0 && given.length === 0) return null;
      const message =
        giver === undefined
          ? `nothing gives a value to "${target}"`
          : `${given.join(' and ')} exclude each other`;
      this.document.report(node, message, `Give exactly one of ${GIVERS.join(', ')}.`);
      return null;
    }
    for (const { key, keyNode } of parts.values()) {
      if (key === giver || !WORDS.includes(key) || COMPANIONS[giver].includes(key)) continue;
      this.document.report(keyNode, `"${key}" has no meaning beside "${giver}"`);
    }
    if (parts.has('unlisted') && !parts.has('values')) {
      this.document.report(parts.get('unlisted')!.keyNode, '"unlisted" without "values"');
    }
    return giver;
  }

  private operator(giver: Giver, parts: Parts, type: AttributeType | null): SourceOperator | null {
    const { value, keyNode } = parts.get(giver)!;
    switch (giver) {
      case 'from': {
        const field = this.document.text(value, '"from"', keyNode);
        return field === null ? null : { kind: 'copy', fields: [field], steps: this.steps(parts) };
      }
      case 'first_of':
        return { kind: 'copy', fields: this.list(giver, value, keyNode), steps: this.steps(parts) };
      case 'constant':
        return this.constant(value, keyNode, type);
      case 'join':
        return {
          kind: 'join',
          fields: this.list(giver, value, keyNode),
          separator: this.separator(parts, type),
        };
      default:
        return { kind: giver, fields: this.table(giver, value, keyNode) };
    }
  }

  private steps(parts: Parts): ValueStep[] {
    const steps: ValueStep[] = [];
    const [values, split, unit] = [parts.get('values'), parts.get('split'), parts.get('unit')];
    if (values !== undefined) {
      const table = this.table('values', values.value, values.keyNode);
      steps.push({ kind: 'values', table, keepUnlisted: this.keepsUnlisted(parts.get('unlisted')) });
    }
    if (split !== undefined) {
      const separator = this.document.text(split.value, '"split"', split.keyNode);
      if (separator === '') this.document.report(split.value, '"split" needs a separator');
      if (separator !== null) steps.push({ kind: 'split', separator });
    }
    const step = unit === undefined ? null : this.unit(unit);
    return step === null ? steps : [...steps, step];
  }

  private keepsUnlisted(entry: RulesEntry | undefined): boolean {
    if (entry === undefined) return false;
    const word = this.document.text(entry.value, '"unlisted"', entry.keyNode);
    if (word !== null && word !== 'keep' && word !== 'problem') {
      this.document.report(entry.value, `unknown word "${word}"`, didYouMean(word, ['keep', 'problem']));
    }
    return word === 'keep';
  }

  private unit({ value, keyNode }: RulesEntry): ValueStep | null {
    const names = this.table('unit', value, keyNode);
    const [from, to] = [names.get('from'), names.get('to')];
    if (from === undefined || to === undefined) {
      this.document.report(value ?? keyNode, '"unit" needs "from" and "to"', 'Write { from: kg, to: g }.');
      return null;
    }
    const unknown = [from, to].filter((name) => !isUnit(name));
    for (const name of unknown)
      this.document.report(value, `unknown unit "${name}"`, didYouMean(name, UNIT_NAMES));
    const shift = unitShift(from, to);
    if (unknown.length === 0 && shift === null)
      this.document.report(value, `"${from}" cannot be turned into "${to}"`);
    return shift === null ? null : { kind: 'unit', shift, from, to };
  }

  private constant(node: Node | null, keyNode: Node, type: AttributeType | null): SourceOperator | null {
    const value: AttributeValue = isSeq(node)
      ? this.document.texts(node, '"constant"', keyNode)
      : isScalar(node) && (typeof node.value === 'number' || typeof node.value === 'boolean')
        ? node.value
        : this.document.text(node, '"constant"', keyNode);
    if (value === null) return null;
    const result = type === null ? { value } : fit(type, value);
    if ('misfit' in result) this.document.report(node, `the constant does not fit: ${result.misfit}`);
    return { kind: 'constant', value };
  }

  private separator(parts: Parts, type: AttributeType | null): string | null {
    const entry = parts.get('with');
    if (entry !== undefined) return this.document.text(entry.value, '"with"', entry.keyNode) ?? ' ';
    return type === 'string' ? ' ' : null;
  }

  private conditions(entry: RulesEntry | undefined): FieldMapping['when'] {
    if (entry === undefined) return [];
    return this.document.entries(entry.value, '"when"', entry.keyNode).map(({ key, keyNode, value }) => ({
      field: key,
      anyOf: this.document.texts(value, `the value of "${key}"`, keyNode),
    }));
  }

  private list(name: string, node: Node | null, keyNode: Node): string[] {
    const fields = this.document.texts(node, `"${name}"`, keyNode);
    if (!isSeq(node) || fields.length < 2)
      this.document.report(node ?? keyNode, `"${name}" needs a list of fields`);
    return fields;
  }

  private table(name: string, node: Node | null, keyNode: Node): Map<string, string> {
    const entries = this.document.entries(node, `"${name}"`, keyNode);
    const pairs = entries.map(({ key, keyNode, value }) => ({
      key,
      text: this.document.text(value, `"${key}"`, keyNode),
    }));
    return new Map(pairs.flatMap(({ key, text }) => (text === null ? [] : [[key, text]])));
  }

  private checkTarget(target: string, node: Node, operator: SourceOperator, type: AttributeType): void {
    const complain = (suggestion: string) =>
      this.document.report(node, `"${target}" cannot be filled in this way`, suggestion);
    const splits = operator.kind === 'copy' && operator.steps.some(({ kind }) => kind === 'split');
    const converts = operator.kind === 'copy' && operator.steps.some(({ kind }) => kind === 'unit');
    if (operator.kind === 'locale' && type !== 'localised')
      complain('"locale" gives text by locale, for "localised.…".');
    if (operator.kind === 'roles' && type !== 'media' && type !== 'custom')
      complain('"roles" gives references to assets.');
    if (operator.kind === 'join' && (type === 'localised' || type === 'date'))
      complain('"join" gives text or a list.');
    if (splits && type !== 'string_list' && type !== 'custom') complain('"split" gives a list.');
    if (converts && type !== 'string' && type !== 'custom') complain('"unit" gives a number.');
  }
}
