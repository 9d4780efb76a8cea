import type { Attributes, HubId, RecordKey } from '#contracts';
import type { RecordChange } from '../commit/record-change';
import { hubKey } from './source-model';
import type { SourceRecord, SourceState } from './source-model';

/** Where and as what a record stands. */
export interface Placed {
  productId: HubId;
  key: RecordKey;
  partition: number;
  attributes: Attributes;
}

type Change = Omit<RecordChange, 'entity' | 'changedAtMs' | 'vendorId' | 'vendorTime'>;

/**
 * The records of one system as one decision changes them: gives each change its sequence, and keeps with the
 * state what was published of it. Works on a copy of what it was given.
 */
export class RecordBook {
  private readonly records: Map<string, SourceRecord>;
  private readonly saved = new Map<string, SourceRecord>();

  constructor(
    records: ReadonlyMap<string, SourceRecord>,
    private readonly nowMs: number,
  ) {
    this.records = new Map(records);
  }

  /** The records that were changed, each as it is now. */
  changed(): SourceRecord[] {
    return [...this.saved.values()];
  }

  /** The record to which a vendor id is bound; another vendor id may stand for it. */
  of(state: SourceState): SourceRecord | undefined {
    return state.hubId === null ? undefined : this.records.get(hubKey(state.entity, state.hubId));
  }

  /** Begins or updates the record of a state that is bound. `before` is null for what begins. */
  write(
    state: SourceState,
    hubId: HubId,
    placed: Placed,
    op: 'r' | 'c' | 'u',
    before: Attributes | null,
  ): RecordChange {
    const { entity, vendorId } = state;
    const record = this.of(state);
    const { attributes: after, ...place } = placed;
    const sequence = (record?.sequence ?? 0) + 1;
    const stood = { version: record?.sequence ?? 0, productId: record?.productId ?? placed.productId };
    this.save({ entity, hubId, sequence, live: true, vendorId, ...place });
    state.published = after;
    const beforeRecord = before && { attributes: before, ...stood };
    return this.change(state, { op, hubId, version: sequence, before: beforeRecord, after, ...place });
  }

  /** Ends a record at the place where it stands. */
  end(state: SourceState, record: SourceRecord): RecordChange {
    const { hubId, productId, key, partition } = record;
    const version = record.sequence + 1;
    const before = { attributes: state.published ?? {}, version: record.sequence, productId };
    this.save({ ...record, sequence: version, live: false });
    state.published = null;
    return this.change(state, { op: 'd', hubId, version, before, after: null, productId, key, partition });
  }

  /** Says again what stands, with the version that it has. */
  repeat(state: SourceState, record: SourceRecord, published: Attributes): RecordChange {
    const { hubId, productId, key, partition, sequence: version } = record;
    return this.change(state, {
      op: 'r',
      hubId,
      version,
      before: null,
      after: published,
      productId,
      key,
      partition,
    });
  }

  private change(state: SourceState, change: Change): RecordChange {
    const { entity, vendorId, vendorTime } = state;
    return { ...change, entity, vendorId, vendorTime, changedAtMs: state.changedAtMs ?? this.nowMs };
  }

  private save(record: SourceRecord): void {
    this.records.set(hubKey(record.entity, record.hubId), record);
    this.saved.set(hubKey(record.entity, record.hubId), record);
  }
}
