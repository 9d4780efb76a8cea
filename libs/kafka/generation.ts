import { setMaxListeners } from 'node:events';

/** `topic/partition`, as a key of maps. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/**
 * One assignment of a consumer: from a join of the group until the next rebalance, crash or close. What was
 * fetched in a generation is void when it has ended.
 */
export class Generation {
  private readonly controller = new AbortController();
  private readonly moves = new Map<string, number>();
  private over = false;
  private announced = false;

  constructor(readonly assignment: ReadonlyMap<string, readonly number[]>) {
    // Every batch in flight may listen; there are as many as partitions and buffers of a sink.
    setMaxListeners(0, this.controller.signal);
  }

  /** Aborted at the end of the generation, and when the consumer begins to close. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get hasEnded(): boolean {
    return this.over;
  }

  has(topic: string, partition: number): boolean {
    return this.assignment.get(topic)?.includes(partition) ?? false;
  }

  /** The partitions belong to somebody else now: batches of this generation are void. */
  end(): void {
    this.over = true;
    this.controller.abort();
  }

  /** The same, by the client's own word: it joins the group again without being asked. */
  endAnnounced(): void {
    this.announced = true;
    this.end();
  }

  /**
   * True when it has ended by an answer that only our own calls have seen: the client still believes in it, and
   * would go on fetching for ever what nobody takes.
   */
  get isUnnoticed(): boolean {
    return this.over && !this.announced;
  }

  /** Asks handlers to come to an end. The partitions are still ours, so they may commit what they have done. */
  askToStop(): void {
    this.controller.abort();
  }

  /** A seek makes batches void that were fetched before it. */
  move(topic: string, partition: number): void {
    const place = placeOf(topic, partition);
    this.moves.set(place, this.movesOf(place) + 1);
  }

  movesOf(place: string): number {
    return this.moves.get(place) ?? 0;
  }
}
