import type { BatchContext, RecordBatch } from '#kafka';
import type { Logger } from '#telemetry';
import { OffsetTracker } from './offset-tracker';
import type { Span } from './offset-tracker';
import { faultOf } from './patience';

/** One partition in one assignment. */
interface Place {
  name: string;
  tracker: OffsetTracker;
  /** Of the newest batch; stale when the partition was taken away or moved. */
  context: BatchContext;
  /** End of the newest batch. */
  readTo: bigint;
  committed: bigint | null;
}

/**
 * Commits the contiguous written offsets of each partition, at most once in `intervalMs`: what is not
 * committed yet is only read again. Trackers die with the assignment that they were made in.
 */
export class OffsetCommitter {
  private readonly places = new Map<string, Place>();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private lastMs = 0;

  constructor(
    private readonly logger: Logger,
    private readonly intervalMs: number,
  ) {}

  /** Opens the span of a batch that arrived. */
  begin({ topic, partition, records, nextOffset }: RecordBatch, context: BatchContext): Span {
    const name = `${topic}/${partition}`;
    let place = this.places.get(name);
    const isRepeat = place !== undefined && (records[0]?.offset ?? nextOffset) < place.readTo;
    if (place === undefined || isRepeat || place.context.isStale()) {
      place = {
        name,
        tracker: new OffsetTracker(() => this.schedule()),
        context,
        readTo: nextOffset,
        committed: null,
      };
      this.places.set(name, place);
    }
    place.context = context;
    place.readTo = nextOffset;
    return place.tracker.begin(nextOffset);
  }

  /** Commits what can be committed now. Never rejects: an offset that stays behind is told at debug level. */
  async commitNow(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    while (this.running !== null) await this.running;
    this.running = this.commitAll();
    await this.running;
    this.running = null;
  }

  private schedule(): void {
    if (this.timer !== null) return;
    const waitMs = Math.max(0, this.lastMs + this.intervalMs - Date.now());
    this.timer = setTimeout(() => void this.commitNow(), waitMs);
  }

  private async commitAll(): Promise<void> {
    this.lastMs = Date.now();
    await Promise.all([...this.places.values()].map((place) => this.commit(place)));
  }

  private async commit(place: Place): Promise<void> {
    const { name, tracker, context } = place;
    if (context.isStale()) return void this.forget(place);
    const offset = tracker.committable;
    if (offset === null || offset === place.committed) return;
    try {
      await context.commit(offset);
      place.committed = offset;
    } catch (error) {
      this.logger.debug({ err: error }, `committing offset ${offset} of ${name}: ${faultOf(error).message}`);
      if (!context.isStale()) this.schedule();
    }
  }

  /** Only if it was not replaced meanwhile. */
  private forget(place: Place): void {
    if (this.places.get(place.name) === place) this.places.delete(place.name);
  }
}
