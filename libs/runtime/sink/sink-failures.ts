import { HEADER } from '#contracts';
import type { Attributes } from '#contracts';
import type { SyncFault } from '#connector-sdk';
import type { UndecodableRecord } from '#kafka';
import type { NewException } from '#store';
import { versionOf } from './collapse';
import type { IncomingRecord } from './collapse';

/** A record that could not be read. */
export interface UndecodableFailure {
  class: 'undecodable';
  incoming: IncomingRecord;
  fault: SyncFault;
  /** For the headers of its dead letter. */
  cause: Pick<UndecodableRecord, 'error' | 'stage'>;
}

/** A record that the target refused. */
export interface RejectedFailure {
  class: 'target_rejected';
  incoming: IncomingRecord;
  fault: SyncFault;
  /** What was to be written. */
  attributes: Attributes | null;
}

export type SinkFailure = UndecodableFailure | RejectedFailure;

/** The failure of a record that could not be decoded, or contradicts itself. */
export function undecodable(
  incoming: IncomingRecord,
  cause: Pick<UndecodableRecord, 'error' | 'stage'>,
): UndecodableFailure {
  const { topic, partition, record } = incoming;
  const message = `decoding ${topic}/${partition}@${record.offset}: ${cause.error.message}`;
  const fault: SyncFault = { kind: 'rejected', code: 'undecodable', message, cause: cause.error };
  return { class: 'undecodable', incoming, fault, cause };
}

/** The exception for people, with the original: the value as it was to be written, or the bytes as base64. */
export function exceptionOf(target: string, failure: SinkFailure): NewException {
  const { incoming, fault } = failure;
  const { topic, partition, entity, record, identity } = incoming;
  return {
    class: failure.class,
    severity: 'error',
    message: storable(fault.message) as string,
    entity,
    ...(identity !== null && { hubId: identity.hubId }),
    recordKey: storable(keyForPeople(incoming)) as string,
    ...(fault.attribute !== undefined && { attribute: storable(fault.attribute) as string }),
    target,
    original: {
      version: versionOf(incoming) || null,
      code: fault.code,
      ...(failure.class === 'undecodable'
        ? { key: record.key?.toString('base64') ?? null, value: record.value?.toString('base64') ?? null }
        : { attributes: storable(failure.attributes) }),
    },
    topic,
    partition,
    offset: record.offset,
  };
}

/** The key as people know it (`ST-1042/ST-1042-M`); the place in the topic where the headers do not tell. */
function keyForPeople({ topic, partition, record }: IncomingRecord): string {
  return record.headers[HEADER.ceSubject]?.toString() ?? `${topic}/${partition}@${record.offset}`;
}

/**
 * The same value, fit to be stored as `jsonb`, which knows neither NUL nor half of a surrogate pair: NUL is
 * shown as ␀ and the other as the replacement character. The exact bytes are in the topic.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replaceAll('\0', '\u2400').replaceAll(/\p{Surrogate}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), storable(inner)]));
}
