import { createHash } from 'node:crypto';
import type { EntityName, HubId, SystemName } from '#contracts';
import type { Queryable } from './pool';
import { runOverRows } from './rows';

/** What kind of trouble it is. The design's list; each class has a team in `schemas/rules/triage.yaml`. */
export type ExceptionClass =
  | 'missing_required'
  | 'unmapped_attribute'
  | 'unmapped_value'
  | 'reference_missing'
  | 'duplicate_key'
  | 'hierarchy_mismatch'
  | 'ownership_blocked'
  | 'rights_expired'
  | 'target_rejected'
  | 'target_warning'
  | 'schema_drift'
  | 'loop_suspected'
  | 'identity_unresolved'
  | 'undecodable'
  | 'permission'
  | 'rate_limited';

export type Severity = 'info' | 'warning' | 'error';

/** A sync exception as it is opened: one attribute of a record in a target, or as much of that as is known. */
export interface NewException {
  class: ExceptionClass;
  severity: Severity;
  /** For people: a gerund phrase with its subject, and what would end it. */
  message: string;
  system?: SystemName;
  entity?: EntityName;
  hubId?: HubId;
  /** The record as people know it: code, SKU or vendor id. */
  recordKey?: string;
  attribute?: string;
  /** The sink that could not be brought to the record; absent where a source is concerned. */
  target?: string;
  /** What came in, kept so that nothing is lost. */
  original?: unknown;
  topic?: string;
  partition?: number;
  offset?: bigint;
}

/** What identifies an exception while it is open: the same trouble again only counts an occurrence. */
export type ExceptionSubject = Pick<
  NewException,
  'class' | 'system' | 'entity' | 'hubId' | 'recordKey' | 'attribute' | 'target'
>;

/** Which open exceptions have come to an end: all whose given fields match. At least one field must be given. */
export type ExceptionFilter = Partial<ExceptionSubject>;

const subjectOf = (e: ExceptionSubject): string =>
  createHash('sha256')
    .update(JSON.stringify([e.class, e.system, e.entity, e.hubId ?? e.recordKey, e.attribute, e.target]))
    .digest('hex');

/**
 * Opens exceptions, or counts an occurrence of those that are open already. Runs inside the caller's
 * transaction when given its connection, so that the exception and what it is about are one.
 */
export async function openExceptions(db: Queryable, exceptions: readonly NewException[]): Promise<void> {
  const bySubject = new Map(exceptions.map((exception) => [subjectOf(exception), exception]));
  const rows = [...bySubject]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, e]) => ({
      subject,
      class: e.class,
      severity: e.severity,
      system: e.system,
      entity: e.entity,
      hub_id: e.hubId,
      record_key: e.recordKey,
      attribute: e.attribute,
      target: e.target,
      message: e.message,
      original: e.original,
      topic: e.topic,
      partition: e.partition,
      offset: e.offset?.toString(),
    }));
  await runOverRows(
    db,
    `insert into sync_exception as x
       (subject, class, severity, system, entity, hub_id, record_key, attribute, target, message, original, topic, partition, "offset")
     select subject, class, severity, system, entity, hub_id, record_key, attribute, target, message, original, topic, partition, "offset"
     from json_to_recordset($1) as r (subject text, class text, severity text, system text, entity text, hub_id uuid,
       record_key text, attribute text, target text, message text, original jsonb, topic text, partition integer, "offset" bigint)
     on conflict (subject) where state <> 'resolved' do update
       set occurrences = x.occurrences + 1, last_at = clock_timestamp(), message = excluded.message,
           original = coalesce(excluded.original, x.original), topic = coalesce(excluded.topic, x.topic),
           partition = coalesce(excluded.partition, x.partition), "offset" = coalesce(excluded."offset", x."offset")`,
    rows.map((row) => JSON.parse(JSON.stringify(row).replaceAll(UNSTORABLE, '\\ufffd')) as object),
  );
}

/** NUL and halves of surrogate pairs, as JSON.stringify escapes them: PostgreSQL refuses them, in jsonb too. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** Resolves all open exceptions that match one of the filters. */
export async function resolveExceptions(db: Queryable, filters: readonly ExceptionFilter[]): Promise<void> {
  const rows = filters
    .filter((filter) => Object.values(filter).some((value) => value !== undefined))
    .map((f) => ({ ...f, hub_id: f.hubId, record_key: f.recordKey }));
  await runOverRows(
    db,
    `update sync_exception x set state = 'resolved', resolved_at = clock_timestamp()
     from json_to_recordset($1) as f (class text, system text, entity text, hub_id uuid, record_key text, attribute text, target text)
     where x.state <> 'resolved'
       and (f.class is null or f.class = x.class) and (f.system is null or f.system = x.system)
       and (f.entity is null or f.entity = x.entity) and (f.hub_id is null or f.hub_id = x.hub_id)
       and (f.record_key is null or f.record_key = x.record_key)
       and (f.attribute is null or f.attribute = x.attribute) and (f.target is null or f.target = x.target)`,
    rows,
  );
}
