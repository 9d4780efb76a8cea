import { LineCounter, isMap, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Attributes, AttributeValue } from '#contracts';
import { ENTITIES } from '#contracts';
import type { MappedRecord } from './apply-mapping';
import { applySourceMapping } from './apply-mapping';
import { deepEqual, diffAttributes } from './diff';
import type { SourceMapping } from './mapping';
import { RulesError } from './problems';

const media = z.strictObject({
  asset_id: z.string(),
  role: z.string().nullable(),
  position: z.number().nullable(),
  url: z.string().nullable(),
});

const attributeValue: z.ZodType<AttributeValue> = z.union([
  z.null(),
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.array(media),
  z.strictObject({ kind: z.literal('string'), string: z.string() }),
  z.strictObject({ kind: z.literal('long'), long: z.number() }),
  z.strictObject({ kind: z.literal('decimal'), decimal: z.string() }),
  z.strictObject({ kind: z.literal('boolean'), boolean: z.boolean() }),
  z.strictObject({ kind: z.literal('date'), date: z.string() }),
  z.strictObject({ kind: z.literal('list'), list: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('media'), media: z.array(media) }),
  z.record(z.string(), z.string()),
]);

const testFile = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string(),
        entity: z.enum(ENTITIES),
        state: z.record(z.string(), attributeValue),
        expect: z.strictObject({
          code: z.string().nullable(),
          parent: z.string().nullable().default(null),
          attributes: z.record(z.string(), attributeValue),
          /** Attributes that could not be mapped. */
          problems: z.array(z.string()).default([]),
          /** Vendor fields that no rule names. */
          unmapped: z.array(z.string()).default([]),
        }),
      }),
    )
    .min(1),
});

type MappingCase = z.infer<typeof testFile>['cases'][number];

/** What became of one case of a `*.test.yaml`. */
export interface MappingTestResult {
  name: string;
  file: string;
  /** Where the case stands, counted from 1. */
  line: number;
  /** What was not as expected, one sentence each; empty when the case holds. */
  differences: string[];
}

/** Runs the cases that lie beside a mapping. Throws a RulesError when the test file itself cannot be read. */
export function runMappingTests(mapping: SourceMapping, text: string, file: string): MappingTestResult[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (message: string, offset: number): never => {
    const { line, col } = lines.linePos(offset);
    throw new RulesError([
      { file, line: Math.max(line, 1), column: Math.max(col, 1), message, suggestion: null },
    ]);
  };
  const [error] = document.errors;
  if (error !== undefined) return fail(`reading YAML: ${error.message}`, error.pos[0]);
  const decoded = testFile.safeParse(document.toJS());
  if (!decoded.success) {
    const issue = decoded.error.issues[0]!;
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    return fail(
      `reading ${path.join('.')}: ${issue.message}`,
      offsetOf(document.getIn(path.slice(0, 2), true)),
    );
  }
  const cases = isMap(document.contents) ? document.contents.get('cases', true) : null;
  return decoded.data.cases.map((each, index) => {
    const node = isSeq(cases) ? cases.items[index] : null;
    const { line } = lines.linePos(offsetOf(node));
    return { name: each.name, file, line, differences: runCase(mapping, each) };
  });
}

function runCase(mapping: SourceMapping, { entity, state, expect }: MappingCase): string[] {
  if (!mapping.entities.has(entity)) return [`the mapping has no section for ${entity}`];
  const record = applySourceMapping(mapping, entity, state as Attributes);
  const problems = record.problems.map(({ attribute }) => attribute);
  return [
    ...difference('code', expect.code, record.code),
    ...difference('parent', expect.parent, record.parentVendorId),
    ...attributeDifferences(expect.attributes as Attributes, record),
    ...difference('problems', expect.problems.toSorted(), problems.sort()),
    ...difference('unmapped', expect.unmapped.toSorted(), record.unmapped.toSorted()),
  ];
}

function attributeDifferences(expected: Attributes, { attributes }: MappedRecord): string[] {
  return diffAttributes(expected, attributes).flatMap(({ attribute, before, after }) =>
    difference(attribute, before, after),
  );
}

function difference(what: string, expected: unknown, actual: unknown): string[] {
  return deepEqual(expected, actual)
    ? []
    : [`${what}: expected ${shown(expected)}, but it is ${shown(actual)}`];
}

function shown(value: unknown): string {
  return value === undefined ? '(absent)' : JSON.stringify(value);
}

function offsetOf(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}
