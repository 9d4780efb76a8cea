/** Reads whole topics as a subscriber would: read_committed, from the beginning to the present end. */
import { HEADER } from '#contracts';
import type { ChangeEvent, HubId, RecordKey } from '#contracts';
import type { EventDecoder, EventLog } from '#kafka';

/** A record as a subscriber sees it. */
export interface SeenRecord {
  topic: string;
  partition: number;
  offset: bigint;
  key: RecordKey;
  /** null is a tombstone. */
  event: ChangeEvent | null;
  hubId: HubId;
  productId: HubId;
  version: number;
  ceId: string;
  isMove: boolean;
  headers: Readonly<Record<string, Buffer>>;
}

/** All records of a topic, by partition and offset. Throws for one that does not decode. */
export async function readTopic(log: EventLog, decoder: EventDecoder, topic: string): Promise<SeenRecord[]> {
  const admin = await log.admin();
  const ends = new Map((await admin.topicOffsets(topic)).map((p) => [p.partition, p]));
  await admin.close();
  const waiting = new Set([...ends.values()].filter((p) => p.latest > p.earliest).map((p) => p.partition));
  const seen: SeenRecord[] = [];
  if (waiting.size === 0) return seen;
  let finish: () => void = () => undefined;
  let abort: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => ((finish = resolve), (abort = reject)));
  const subscription = await log.read({ topics: [topic], from: 'earliest' }, async (batch) => {
    try {
      for (const decoded of await decoder.decodeBatch(batch)) {
        if (!decoded.ok) throw new Error(`reading ${topic}: ${decoded.reason}`);
        const { record, identity, key, event } = decoded;
        const { headers, offset } = record;
        const isMove = headers[HEADER.newKey] !== undefined || headers[HEADER.oldKey] !== undefined;
        seen.push({ topic, partition: batch.partition, offset, key, event, ...identity, isMove, headers });
      }
      if (batch.nextOffset >= ends.get(batch.partition)!.latest) waiting.delete(batch.partition);
      if (waiting.size === 0) finish();
    } catch (error) {
      abort(error);
    }
  });
  await finished.finally(() => subscription.close());
  return seen.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}
