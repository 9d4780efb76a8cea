import type { ChangeEvent, RecordKey } from '#contracts';

/** Where reading begins: the same place in time, or the same offset, in every partition. */
export type StartPoint =
  { at: 'beginning' } | { at: 'now' } | { at: 'time'; ms: number } | { at: 'offset'; offset: bigint };

/** What a record says. `raw`: of a topic that holds no change events, such as the dead letters. */
export type Content =
  | { kind: 'event'; key: RecordKey; event: ChangeEvent }
  | { kind: 'tombstone'; key: RecordKey }
  | { kind: 'undecodable'; reason: string }
  | { kind: 'raw'; key: string | null; value: string | null };

/** One record of a topic, decoded. */
export interface TailRecord {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  /** Text; what is not text is given in hexadecimal digits, and the version as a number. */
  headers: Readonly<Record<string, string>>;
  /** Sequence or version; null where the headers do not tell. */
  version: number | null;
  content: Content;
}

export interface ReadOptions {
  topic: string;
  from: StartPoint;
  /** False: ends at what is the end of the topic now. */
  follow: boolean;
  signal: AbortSignal;
}

/** Reads topics without a trace: no group, no commits. */
export interface TopicReader {
  /** Names of all topics of the cluster. */
  topics(): Promise<string[]>;
  /**
   * Calls `onRecord` for each record, in order within a partition, until it answers false, the end is reached
   * or `signal` is aborted.
   */
  read(options: ReadOptions, onRecord: (record: TailRecord) => boolean): Promise<void>;
  close(): Promise<void>;
}
