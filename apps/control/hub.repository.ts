import type { ConnectorStatus, ExceptionCount, ExceptionStatus } from './status.types';
import type { OutboxStatus, RecordCount, RefusedCount } from './status.types';

export interface ExceptionFilter {
  state: 'open' | 'resolved' | 'all';
  class?: string;
  system?: string;
  limit: number;
}

/** What control reads from the hub database. An abstract class, so that it is its own injection token. */
export abstract class HubRepository {
  /** Rejects when the database does not answer. */
  abstract ping(): Promise<void>;
  abstract connectors(): Promise<ConnectorStatus[]>;
  abstract records(): Promise<RecordCount[]>;
  abstract refused(): Promise<RefusedCount[]>;
  abstract exceptionCounts(): Promise<ExceptionCount[]>;
  abstract outbox(): Promise<OutboxStatus[]>;
  /** Newest first. */
  abstract exceptions(filter: ExceptionFilter): Promise<ExceptionStatus[]>;
}
