/** One line of the file: decoding, and the observation that it stands for. */
import { decimalText, excerpt, JsonNumber, parseJson } from '#connector-sdk';
import type { Observation, VendorState } from '#connector-sdk';
import type { AttributeValue, CustomValue, EntityName } from '#contracts';
import { z } from 'zod';

/** Entities that a file may carry. */
export const FILE_ENTITIES = ['product', 'variant'] as const satisfies readonly EntityName[];

/** A line of the file, as text, with the number that an editor shows. */
export interface Line {
  number: number;
  text: string;
  /** True when its bytes are not UTF-8; the text then has replacement characters. */
  garbled?: true;
}

/** What a line says of one record. */
export interface LineRecord {
  entity: EntityName;
  vendorId: string;
  line: Line;
  content: { state: VendorState } | { deleted: true } | { problem: string };
}

const RAW_LENGTH = 8_000;

const frame = z.object({
  entity: z.enum(FILE_ENTITIES),
  id: z.string().min(1),
  deleted: z.literal(true).optional(),
  state: z.record(z.string(), z.unknown()).optional(),
});

const custom = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('string'), string: z.string() }),
  z.object({ kind: z.literal('long'), long: z.number().int() }),
  z.object({ kind: z.literal('decimal'), decimal: z.string().refine((text) => decimalText(text) === text) }),
  z.object({ kind: z.literal('boolean'), boolean: z.boolean() }),
  z.object({ kind: z.literal('date'), date: z.iso.date() }),
  z.object({ kind: z.literal('list'), list: z.array(z.string()) }),
  z.object({
    kind: z.literal('media'),
    media: z.array(
      z.object({
        asset_id: z.string().min(1),
        role: z.string().nullable().default(null),
        position: z.number().int().nullable().default(null),
        url: z.string().nullable().default(null),
      }),
    ),
  }),
]);

/** What a line says; a line that says nothing intelligible is a record of its own, `line:<number>`. */
export function decodeLine(line: Line): LineRecord {
  const nameless = { entity: 'product' as const, vendorId: `line:${line.number}`, line };
  if (line.garbled) return { ...nameless, content: { problem: 'it is not UTF-8' } };
  let json: unknown;
  try {
    json = parseJson(line.text);
  } catch {
    return { ...nameless, content: { problem: 'it is not JSON' } };
  }
  const parsed = frame.safeParse(json);
  if (!parsed.success) {
    const named = frame.pick({ entity: true, id: true }).safeParse(json);
    const base = named.success ? { entity: named.data.entity, vendorId: named.data.id, line } : nameless;
    return { ...base, content: { problem: problemOf(parsed.error) } };
  }
  const { entity, id: vendorId, deleted, state } = parsed.data;
  const base = { entity, vendorId, line };
  if (deleted && state) return { ...base, content: { problem: 'it has both "state" and "deleted"' } };
  if (deleted) return { ...base, content: { deleted } };
  if (!state) return { ...base, content: { problem: 'it has neither "state" nor "deleted": true' } };
  return { ...base, content: stateContent(state) };
}

/** The observation of a record whose last line this is. */
export function observeLine(
  record: LineRecord,
  at: { requestedAtMs: number; changedAtMs: number; direct: boolean },
): Observation {
  const { entity, vendorId, line, content } = record;
  const { requestedAtMs, changedAtMs, direct } = at;
  const base = { entity, vendorId, requestedAtMs, direct };
  if ('state' in content)
    return { ...base, kind: 'present', state: content.state, changedAtMs, vendorTime: null };
  if ('deleted' in content) return { ...base, kind: 'gone', changedAtMs };
  const reason = `decoding line ${line.number}: ${content.problem}`;
  return { ...base, kind: 'undecodable', reason, raw: excerpt(line.text, RAW_LENGTH) };
}

function stateContent(state: Record<string, unknown>): LineRecord['content'] {
  const values: VendorState = {};
  for (const [name, value] of Object.entries(state)) {
    const converted = name.startsWith('attributes.') ? customValue(value) : plainValue(value);
    if (converted === undefined) return { problem: `the value of ${name} is of no known form` };
    values[name] = converted;
  }
  return { state: values };
}

/** Text, whole number, boolean, null, list of texts or text by locale; other numbers as text, so that no digit is lost. */
function plainValue(value: unknown): AttributeValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'number' || value instanceof JsonNumber) return decimalText(value) ?? undefined;
  if (isTexts(value)) return value;
  const byLocale = z.record(z.string(), z.string()).safeParse(value);
  return byLocale.success ? byLocale.data : undefined;
}

function customValue(value: unknown): CustomValue | null | undefined {
  if (value === null) return null;
  if (typeof value === 'string') return { kind: 'string', string: value };
  if (typeof value === 'boolean') return { kind: 'boolean', boolean: value };
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { kind: 'long', long: value };
  if (typeof value === 'number' || value instanceof JsonNumber) {
    const decimal = decimalText(value);
    return decimal === null ? undefined : { kind: 'decimal', decimal };
  }
  if (isTexts(value)) return { kind: 'list', list: value };
  const explicit = custom.safeParse(value);
  return explicit.success ? explicit.data : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function problemOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the line'}: ${issue.message}`).join('; ');
}
