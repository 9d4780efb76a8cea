import { setTimeout as delay } from 'node:timers/promises';
import type { BatchContext } from './event-log';
import { StaleBatchError, isRebalance, rootCause, toKafkaFault } from './faults';
import { placeOf } from './generation';
import type { Generation } from './generation';

/** What a batch needs of the consumer that fetched it. */
export interface ConsumerLink {
  heartbeat(): Promise<void>;
  commit(topic: string, partition: number, nextOffset: bigint): Promise<void>;
}

const COMMIT_ATTEMPTS = 5;
const COMMIT_RETRY_MS = 100;

/**
 * The {@link BatchContext} of one batch. It stays good after the handler has returned, until its generation
 * ends or the partition is moved by a seek: a sink that writes asynchronously commits through it later.
 */
export class BatchScope implements BatchContext {
  private readonly movesAtStart: number;
  private readonly place: string;
  /** When the handler last showed that it makes progress. */
  lastSignMs = Date.now();

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    private readonly generation: Generation,
    private readonly link: ConsumerLink,
  ) {
    this.place = placeOf(topic, partition);
    this.movesAtStart = generation.movesOf(this.place);
  }

  get signal(): AbortSignal {
    return this.generation.signal;
  }

  isStale(): boolean {
    return this.generation.hasEnded || this.generation.movesOf(this.place) !== this.movesAtStart;
  }

  async heartbeat(): Promise<void> {
    this.lastSignMs = Date.now();
    this.assertFresh('sending a heartbeat');
    await this.beat();
    this.assertFresh('sending a heartbeat');
  }

  /** A heartbeat on behalf of a handler that is busy; a rebalance that it learns of ends the generation. */
  async beat(): Promise<void> {
    try {
      await this.link.heartbeat();
    } catch (error) {
      if (!isRebalance(error)) throw toKafkaFault(`sending a heartbeat for ${this.place}`, error);
      this.generation.end();
    }
  }

  /** kafkajs makes one attempt, which a coordinator that is loading or moving refuses. */
  async commit(nextOffset: bigint): Promise<void> {
    this.lastSignMs = Date.now();
    const doing = `committing offset ${nextOffset} of ${this.place}`;
    for (let attempt = 1; ; attempt += 1) {
      this.assertFresh(doing);
      try {
        await this.link.commit(this.topic, this.partition, nextOffset);
        return;
      } catch (error) {
        if (isRebalance(error)) this.generation.end();
        this.assertFresh(doing);
        if (attempt === COMMIT_ATTEMPTS || !isRetriable(error)) throw toKafkaFault(doing, error);
      }
      await delay(COMMIT_RETRY_MS * attempt);
    }
  }

  private assertFresh(doing: string): void {
    if (this.isStale()) throw new StaleBatchError(`${doing}: the partition was taken away or moved`);
  }
}

function isRetriable(error: unknown): boolean {
  const cause = rootCause(error);
  return typeof cause === 'object' && cause !== null && 'retriable' in cause && cause.retriable === true;
}
