import { Inject, Injectable } from '@nestjs/common';
import { TopicNames } from '#contracts';
import { HubRepository } from './hub.repository';
import { LagService } from './lag.service';
import { PartsRepository } from './parts.repository';
import type { HubStatus } from './status.types';

/** A source of the status that has not answered after this time is reported as a problem. Milliseconds. */
const PATIENCE_MS = 5_000;

/** Puts the status together. A part that cannot be read is a sentence in `problems`, never a failed request. */
@Injectable()
export class StatusService {
  constructor(
    @Inject(HubRepository) private readonly hub: HubRepository,
    @Inject(PartsRepository) private readonly supervisor: PartsRepository,
    @Inject(LagService) private readonly lag: LagService,
    @Inject(TopicNames) private readonly names: TopicNames,
  ) {}

  async status(): Promise<HubStatus> {
    const problems = new Set<string>();
    const read = async <T>(subject: string, work: Promise<T[]>): Promise<T[]> => {
      try {
        return await withPatience(work);
      } catch (error) {
        problems.add(`reading ${subject}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    };
    const [parts, connectors, records, refused, exceptions, groups, outbox] = await Promise.all([
      read('parts', this.supervisor.parts()),
      read('the hub database', this.hub.connectors()),
      read('the hub database', this.hub.records()),
      read('the hub database', this.hub.refused()),
      read('the hub database', this.hub.exceptionCounts()),
      read('lag from Kafka', this.lag.groups()),
      read('the hub database', this.hub.outbox()),
    ]);
    const at = new Date().toISOString();
    const topicPrefix = this.names.prefix;
    const found = { parts, connectors, records, refused, exceptions, groups, outbox };
    return { at, topicPrefix, ...found, problems: [...problems] };
  }
}

async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
