import { createHash } from 'node:crypto';
import type { HubId } from './types';

/** What makes a change the same change, however often it is published. */
export interface ChangeIdentity {
  topic: string;
  hubId: HubId;
  /** Bytes of the Kafka key. */
  key: Buffer;
  version: number;
}

/**
 * The id of a change: 32 hex digits of a SHA-256 over its parts, each with its length before it, so that no two
 * changes run together. The `d` of a delete and its tombstone are one change and share it.
 */
export function ceId(change: ChangeIdentity): string {
  const hash = createHash('sha256');
  for (const part of [change.topic, change.hubId, change.key, String(change.version)]) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
}
