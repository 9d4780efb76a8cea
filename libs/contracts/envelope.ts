import { DecodeError, EncodeError } from './errors';
import type { AvroValue, EntityLayout } from './layout';
import type { EnvelopeKind } from './topics';
import type { AttributePath, ChangeEvent, Op, ProvenanceGroup, SourceBlock, VersionedRecord } from './types';
import { ValueError, writeText } from './values';

/** A change event as Avro sees it. */
export interface AvroEnvelope {
  before?: AvroValue | null;
  after: AvroValue | null;
  source: SourceBlock;
  transaction?: null;
  op: string;
  ts_ms: number | null;
  ts_us?: number | null;
  ts_ns?: bigint | null;
  provenance?: ProvenanceGroup[];
  rules_version?: number | null;
}

const OPS: ReadonlySet<string> = new Set<Op>(['r', 'c', 'u', 'd']);

/** The three forms of a time in Debezium's blocks, exactly. `tsMs` is a whole number of milliseconds. */
export function debeziumTimes(tsMs: number): { ts_ms: number; ts_us: number; ts_ns: bigint } {
  return { ts_ms: tsMs, ts_us: tsMs * 1000, ts_ns: BigInt(tsMs) * 1_000_000n };
}

/**
 * Lays an event out for Avro. Throws an EncodeError when something of it would be lost: an attribute without a
 * place, or one of `after` that neither `supplied` nor `provenance` lists, so that no reader could tell whether
 * null means cleared.
 */
export function toEnvelope(event: ChangeEvent, kind: EnvelopeKind, layout: EntityLayout): AvroEnvelope {
  assertKind(event, kind, layout);
  const { source } = event;
  const fail = (field: string, reason: string): never => {
    throw new EncodeError(layout.entity, field, reason);
  };
  if (source.entity !== layout.entity)
    fail('source.entity', `the topic is not one of ${source.entity} records`);
  if (!OPS.has(event.op)) fail('op', `${event.op} is none of r, c, u, d`);
  if (!Number.isSafeInteger(event.ts_ms)) fail('ts_ms', `${event.ts_ms} is not a time in milliseconds`);
  assertTexts(source, layout);
  if (event.after !== null) assertListed(event.after, listedIn(event), layout);
  const envelope: AvroEnvelope = {
    before: event.before === null ? null : layout.toRecord(event.before),
    after: event.after === null ? null : layout.toRecord(event.after),
    source,
    transaction: null,
    op: event.op,
    ...debeziumTimes(event.ts_ms),
  };
  if (kind === 'golden') {
    envelope.provenance = event.provenance!;
    envelope.rules_version = event.rules_version!;
  }
  return envelope;
}

/** The event again. `before` has the attributes that had a value; whether others were null or absent is not kept. */
export function fromEnvelope(envelope: AvroEnvelope, layout: EntityLayout): ChangeEvent {
  const { before, after, op, ts_ms, provenance, rules_version } = envelope;
  const source = plainSource(envelope.source);
  if (!OPS.has(op))
    throw new DecodeError(`decoding a ${layout.entity} event: op ${op} is none of r, c, u, d`);
  if (source.entity !== layout.entity) {
    throw new DecodeError(`decoding a ${layout.entity} event: it is about the entity ${source.entity}`);
  }
  if (ts_ms === null) throw new DecodeError(`decoding a ${layout.entity} event: it has no ts_ms`);
  const event: ChangeEvent = { before: null, after: null, source, op: op as Op, ts_ms };
  if (provenance !== undefined) event.provenance = provenance.map(plainGroup);
  if (rules_version !== undefined && rules_version !== null) event.rules_version = rules_version;
  if (before != null) event.before = layout.fromRecord(before, null);
  if (after !== null) event.after = layout.fromRecord(after, listedIn(event));
  return event;
}

/** The attributes that an event says were supplied: for a golden event those with provenance. */
function listedIn(event: ChangeEvent): AttributePath[] {
  return event.provenance?.flatMap((group) => group.attributes) ?? event.source.supplied;
}

function assertKind(event: ChangeEvent, kind: EnvelopeKind, layout: EntityLayout): void {
  const { provenance, rules_version } = event;
  if (kind === 'source') {
    if (provenance === undefined && rules_version === undefined) return;
    throw new EncodeError(layout.entity, 'provenance', 'a source event has none, and no rules_version');
  }
  if (provenance === undefined) throw new EncodeError(layout.entity, 'provenance', 'a golden event has it');
  if (rules_version === undefined)
    throw new EncodeError(layout.entity, 'rules_version', 'a golden event has it');
}

/** Texts of the source block that come from outside. */
function assertTexts(source: SourceBlock, layout: EntityLayout): void {
  for (const field of ['name', 'db', 'vendor_id', 'vendor_time'] as const) {
    const text = source[field];
    if (text === null) continue;
    try {
      writeText(text);
    } catch (error) {
      if (error instanceof ValueError) throw new EncodeError(layout.entity, `source.${field}`, error.message);
      throw error;
    }
  }
}

function assertListed(after: VersionedRecord, listed: readonly AttributePath[], layout: EntityLayout): void {
  const unmatched = new Set(listed);
  for (const path of Object.keys(after.attributes)) {
    if (unmatched.delete(path)) continue;
    throw new EncodeError(
      layout.entity,
      path,
      'after has it, but the event does not say that it was supplied',
    );
  }
  for (const path of unmatched) {
    throw new EncodeError(
      layout.entity,
      path,
      'the event says that it was supplied, but after does not have it',
    );
  }
}

function plainSource(source: SourceBlock): SourceBlock {
  return { ...source };
}

function plainGroup({ system, event_id, ts_ms, attributes }: ProvenanceGroup): ProvenanceGroup {
  return { system, event_id, ts_ms, attributes };
}
