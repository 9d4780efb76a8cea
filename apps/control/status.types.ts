/** What GET /status answers. Times are RFC 3339; a number that could not be read is null, never a guess. */
export interface HubStatus {
  at: string;
  topicPrefix: string;
  /** Processes as the supervisor knows them; empty where nobody supervises (containers). */
  parts: PartStatus[];
  connectors: ConnectorStatus[];
  records: RecordCount[];
  /** Values that a hard denial refused, such as stock from a PIM. */
  refused: RefusedCount[];
  /** Exceptions that are not resolved, by class. */
  exceptions: ExceptionCount[];
  groups: GroupStatus[];
  /** Committed batches that wait for their publisher, by shard. */
  outbox: OutboxStatus[];
  /** One sentence for each part of this answer that could not be read. */
  problems: string[];
}

export interface PartStatus {
  name: string;
  state: string;
  since: string | null;
  pid: number | null;
  restarts: number;
  /** How the last run ended, such as "signal SIGKILL". */
  lastExit: string | null;
}

export type ConnectorPhase = 'snapshot' | 'streaming' | 'waiting';

export interface ConnectorStatus {
  system: string;
  task: string;
  /** `waiting`: somebody holds the task, but has not said yet what it does. */
  phase: ConnectorPhase;
  /** False when no process holds the task now: it stands still. */
  held: boolean;
  holder: string;
  /** Progress of the snapshot. */
  read: number | null;
  total: number | null;
  lastPollAt: string | null;
  lastChangeAt: string | null;
  changes: number | null;
}

export interface RecordCount {
  entity: string;
  live: number;
  deleted: number;
}

export interface RefusedCount {
  system: string;
  entity: string;
  /** First segment of the attribute: `inventory`, `price`. */
  group: string;
  /** Records and attributes concerned. */
  values: number;
  /** The same with repeats. */
  occurrences: number;
}

export interface ExceptionCount {
  class: string;
  severity: string;
  open: number;
  oldestAt: string;
}

export interface GroupStatus {
  group: string;
  topic: string;
  /** Records that the group has not committed; null where it has committed nothing yet. */
  lag: number | null;
  partitions: PartitionLag[];
}

export interface PartitionLag {
  partition: number;
  committed: number | null;
  latest: number;
  lag: number | null;
}

export interface OutboxStatus {
  shard: number;
  rows: number;
  oldestAt: string | null;
}

/** What GET /topics lists. */
export interface TopicStatus {
  name: string;
  partitions: number;
  /** Offsets between start and end: an upper bound of the records, for compaction and transactions take offsets. */
  offsets: number;
}

/** What GET /exceptions lists. */
export interface ExceptionStatus {
  id: string;
  class: string;
  severity: string;
  state: string;
  system: string | null;
  entity: string | null;
  recordKey: string | null;
  attribute: string | null;
  target: string | null;
  message: string;
  occurrences: number;
  firstAt: string;
  lastAt: string;
}
