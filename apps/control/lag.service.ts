import { Inject, Injectable } from '@nestjs/common';
import { TopicNames } from '#contracts';
import type { LogAdmin } from '#kafka';
import type { GroupStatus, PartitionLag, TopicStatus } from './status.types';

/** Opens an admin connection to the event log. An abstract class, so that it is its own injection token. */
export abstract class AdminConnector {
  abstract open(): Promise<LogAdmin>;
}

/** An answer this young is given again, so that many askers cost the broker no more than one. Milliseconds. */
const FRESH_MS = 1_000;

/**
 * Topics of this hub and the lag of its groups. Keeps one admin connection and opens a new one after any
 * error, so that a broker that went away is found again.
 */
@Injectable()
export class LagService {
  private admin: Promise<LogAdmin> | null = null;
  private recent: { at: number; groups: Promise<GroupStatus[]> } | null = null;

  constructor(
    @Inject(AdminConnector) private readonly connector: AdminConnector,
    @Inject(TopicNames) private readonly names: TopicNames,
  ) {}

  /** Lag of `<prefix>.catalog` and `<prefix>.sink.*`, one entry for each topic that the group reads. */
  groups(): Promise<GroupStatus[]> {
    const now = Date.now();
    if (this.recent === null || now - this.recent.at > FRESH_MS) {
      this.recent = { at: now, groups: this.withAdmin((admin) => this.readGroups(admin)) };
    }
    return this.recent.groups;
  }

  /** Topics of this hub with the number of offsets between start and end. */
  topics(): Promise<TopicStatus[]> {
    return this.withAdmin(async (admin) => {
      const topics = await this.ownTopics(admin);
      return Promise.all(
        topics.map(async ({ name, partitions }) => {
          const offsets = await admin.topicOffsets(name);
          const span = offsets.reduce((sum, { earliest, latest }) => sum + Number(latest - earliest), 0);
          return { name, partitions, offsets: span };
        }),
      );
    });
  }

  /** Rejects when the event log does not answer. */
  async ping(): Promise<void> {
    await this.withAdmin((admin) => admin.listTopics());
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    await (await admin?.catch(() => null))?.close();
  }

  private async readGroups(admin: LogAdmin): Promise<GroupStatus[]> {
    const [all, topics] = await Promise.all([admin.listGroups(), this.ownTopics(admin)]);
    const own = all.filter((group) => this.isReader(group)).sort();
    const lags = await Promise.all(
      own.map(async (group) => {
        const read = topics.filter(({ name }) => this.readsTopic(group, name)).map(({ name }) => name);
        return read.length === 0 ? [] : admin.groupLag(group, read);
      }),
    );
    return lags.flat().map(({ groupId, topic, partitions }) => {
      const each = partitions.map(({ partition, committed, latest, lag }) => ({
        partition,
        committed: committed === null ? null : Number(committed),
        latest: Number(latest),
        lag: lag === null ? null : Number(lag),
      }));
      return { group: groupId, topic, lag: sumOf(each), partitions: each };
    });
  }

  private isReader(group: string): boolean {
    return group === this.names.group('catalog') || group.startsWith(this.names.group('sink.'));
  }

  /** The catalog reads everything that a system says, sinks the golden records. */
  private readsTopic(group: string, topic: string): boolean {
    const wanted = group === this.names.group('catalog') ? 'source' : 'golden';
    return this.names.parse(topic)?.kind === wanted;
  }

  private async ownTopics(admin: LogAdmin): Promise<readonly { name: string; partitions: number }[]> {
    const topics = await admin.listTopics();
    return topics
      .filter(({ name }) => this.names.parse(name) !== null || name === this.names.deadLetter)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  private async withAdmin<T>(work: (admin: LogAdmin) => Promise<T>): Promise<T> {
    const opened = (this.admin ??= this.connector.open());
    try {
      return await work(await opened);
    } catch (error) {
      if (this.admin === opened) {
        this.admin = null;
        this.recent = null;
        void opened.then((admin) => admin.close()).catch(() => undefined);
      }
      throw error;
    }
  }
}

/** A partition without a commit counts in full, once the group has committed anything at all in the topic. */
function sumOf(partitions: readonly PartitionLag[]): number | null {
  if (partitions.every(({ lag }) => lag === null)) return null;
  return partitions.reduce((sum, { lag, latest }) => sum + (lag ?? latest), 0);
}
