import type { BatchSinkConnector, BatchWrite, WriteOutcome } from '#connector-sdk';
import type { ChangeEvent } from '#contracts';
import type { DecodeResult, EventDecoder } from '#kafka';
import { metrics as processMetrics } from '#telemetry';
import type { Metrics } from '#telemetry';
import type { ExceptionJournal } from '../exceptions';
import type { CollapsedRecord, IncomingRecord } from './collapse';
import type { FailedRecords } from './failed-records';
import type { Patience } from './patience';
import { exceptionOf, undecodable } from './sink-failures';
import type { SinkFailure, UndecodableFailure } from './sink-failures';
import type { SinkGate } from './sink-gate';

/** Takes the original bytes of records that cannot be decoded. */
export interface DeadLetters {
  send(letters: readonly UndecodableFailure[]): Promise<void>;
}

export interface SinkWriterParts {
  /** Name of the sink: the target of its exceptions, and a metric label. */
  name: string;
  sink: BatchSinkConnector;
  decoder: Pick<EventDecoder, 'decodeBatch'>;
  gate: SinkGate;
  journal: ExceptionJournal;
  deadLetters: DeadLetters;
  failed: FailedRecords;
  patience: Patience;
  metrics?: Metrics;
}

/** One record of the target on its way through a flush. */
interface Journey {
  candidates: readonly IncomingRecord[];
  /** Index of the candidate that is tried. */
  at: number;
  failures: SinkFailure[];
  done: { write: BatchWrite; status: 'applied' | 'unchanged' } | null;
}

/**
 * Brings a flush's records to the target: decode the newest of each, gate, write in one batch, and keep what
 * failed for people. Where the newest cannot be read or is refused, the one before it is tried, as it would
 * have been, had it come in a batch of its own. Every step is repeated until it succeeds, so that when `flush`
 * has resolved each record is in the target, or in an exception.
 */
export class SinkWriter {
  private readonly metrics: Metrics;

  constructor(private readonly parts: SinkWriterParts) {
    this.metrics = parts.metrics ?? processMetrics;
  }

  /** Rejects only when the writer's patience was told to stop. */
  async flush(records: readonly CollapsedRecord[]): Promise<void> {
    const journeys = records.map(({ candidates }): Journey => ({
      candidates,
      at: 0,
      failures: [],
      done: null,
    }));
    for (let open = journeys; open.length > 0; open = journeys.filter(isOpen)) await this.round(open);
    await this.keepFailures(journeys);
    await this.resolveHealed(journeys);
  }

  /** Tries the current candidate of each journey. */
  private async round(journeys: readonly Journey[]): Promise<void> {
    const decoded = await this.decode(journeys);
    const ready: { journey: Journey; write: BatchWrite }[] = [];
    for (const [index, journey] of journeys.entries()) {
      const write = this.writeOf(currentOf(journey), decoded[index]!);
      if ('class' in write) fail(journey, write);
      else ready.push({ journey, write });
    }
    if (ready.length === 0) return;
    const outcomes = await this.write(ready.map(({ write }) => write));
    for (const [index, { journey, write }] of ready.entries()) this.settle(journey, write, outcomes[index]!);
  }

  /** Aligned with `journeys`. */
  private async decode(journeys: readonly Journey[]): Promise<DecodeResult[]> {
    const { decoder, patience } = this.parts;
    const indexesByTopic = new Map<string, number[]>();
    for (const [index, journey] of journeys.entries()) {
      const { topic } = currentOf(journey);
      const indexes = indexesByTopic.get(topic);
      if (indexes === undefined) indexesByTopic.set(topic, [index]);
      else indexes.push(index);
    }
    const results: DecodeResult[] = [];
    for (const [topic, indexes] of indexesByTopic) {
      const records = indexes.map((index) => currentOf(journeys[index]!).record);
      const decoded = await patience.until(() => decoder.decodeBatch({ topic, records }, { before: false }));
      for (const [position, index] of indexes.entries()) results[index] = decoded[position]!;
    }
    return results;
  }

  private writeOf(incoming: IncomingRecord, decoded: DecodeResult): BatchWrite | UndecodableFailure {
    if (!decoded.ok) return undecodable(incoming, decoded);
    const { entity, record } = incoming;
    const { event, identity } = decoded;
    const { hubId, productId, version } = identity;
    const common = { entity, hubId, productId, version };
    if (event === null) return { ...common, attributes: null, changedAtMs: record.timestampMs };
    const changedAtMs = event.source.ts_ms;
    const { after } = event;
    if (after === null) return { ...common, attributes: null, changedAtMs };
    if (after.hub_id !== hubId || after.version !== version) {
      const contradiction = `its headers say ${hubId} v${version}, its value ${after.hub_id} v${after.version}`;
      return undecodable(incoming, { error: new Error(contradiction), stage: 'VALUE_CONVERTER' });
    }
    const { attributes } = this.parts.gate.admit(entity, event as ChangeEvent & { after: typeof after });
    return { ...common, attributes, changedAtMs };
  }

  private async write(writes: readonly BatchWrite[]): Promise<readonly WriteOutcome[]> {
    const { patience, sink, name } = this.parts;
    return patience.until(async () => {
      const stop = this.metrics.sinkSeconds.startTimer({ sink: name });
      const outcomes = await sink.write(writes);
      stop();
      return outcomes;
    });
  }

  private settle(journey: Journey, write: BatchWrite, outcome: WriteOutcome): void {
    const { name } = this.parts;
    this.metrics.sinkWrites.inc({ sink: name, entity: write.entity, outcome: outcome.status });
    if (outcome.status === 'failed') {
      const incoming = currentOf(journey);
      return fail(journey, {
        class: 'target_rejected',
        incoming,
        fault: outcome.fault,
        attributes: write.attributes,
      });
    }
    if (outcome.status === 'applied') {
      this.metrics.arrivalSeconds.observe(
        { sink: name },
        Math.max(0, (Date.now() - write.changedAtMs) / 1000),
      );
    }
    journey.done = { write, status: outcome.status };
  }

  /** Dead letters first: an exception then always refers to a letter that is there. */
  private async keepFailures(journeys: readonly Journey[]): Promise<void> {
    const { patience, deadLetters, journal, failed, name } = this.parts;
    const letters = journeys
      .flatMap(({ failures }) => failures)
      .filter((failure) => failure.class === 'undecodable');
    if (letters.length > 0) {
      await patience.until(() => deadLetters.send(letters));
      this.metrics.deadLetters.inc({ stage: 'sink' }, letters.length);
    }
    // What the target has passed in the meantime (an unreadable `d` whose tombstone was written) is no trouble.
    const open = journeys.flatMap(({ failures, done }) =>
      failures.filter(
        ({ incoming }) => (incoming.identity?.version ?? Infinity) > (done?.write.version ?? 0),
      ),
    );
    if (open.length === 0) return;
    for (const failure of open) {
      const { class: kind, incoming } = failure;
      await patience.until(() => journal.open(exceptionOf(name, failure)));
      this.metrics.exceptions.inc({ class: kind });
      if (incoming.identity === null) continue;
      failed.note(incoming.entity, incoming.identity.hubId, incoming.identity.version);
    }
  }

  private async resolveHealed(journeys: readonly Journey[]): Promise<void> {
    const { patience, journal, failed, name } = this.parts;
    await failed.refresh();
    if (failed.size === 0) return;
    const healed = journeys.flatMap(({ done }) => {
      if (done === null) return [];
      const { entity, hubId, version } = done.write;
      return failed.isHealedBy(entity, hubId, version, done.status) ? [{ entity, hubId }] : [];
    });
    for (const { entity, hubId } of healed) {
      await patience.until(() => journal.resolve({ target: name, entity, hubId }));
      failed.forget(entity, hubId);
    }
  }
}

function currentOf({ candidates, at }: Journey): IncomingRecord {
  return candidates[at]!;
}

function isOpen({ candidates, at, done }: Journey): boolean {
  return done === null && at < candidates.length;
}

function fail(journey: Journey, failure: SinkFailure): void {
  journey.failures.push(failure);
  journey.at += 1;
}
