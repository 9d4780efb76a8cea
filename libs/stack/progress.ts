/**
 * How a part of the hub comes up, goes on and ends, for whoever shows it. `external`: replaced by a variable of the
 * environment and found to answer. `backoff`: it ended by itself and is started again after a pause.
 */
export type ProgressState =
  'downloading' | 'starting' | 'ready' | 'external' | 'backoff' | 'stopping' | 'stopped' | 'failed';

export interface ProgressDetail {
  /** For people, with its version where it has one: `Kafka 4.3.1`. */
  title: string;
  /** `127.0.0.1:41233` or a URL; never with credentials. */
  address?: string;
  /** From the beginning of its start to ready, milliseconds. */
  elapsedMs?: number;
  /** What else is to be said, such as how it ended. */
  note?: string;
}

/** Called for each change of state of each part: `postgres`, `kafka`, `registry`, `sandbox-plytix`, `source`, … */
export type OnProgress = (part: string, state: ProgressState, detail: ProgressDetail) => void;
