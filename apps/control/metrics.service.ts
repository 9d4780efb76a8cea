import { Inject, Injectable } from '@nestjs/common';
import { createMetrics } from '#telemetry';
import type { Metrics } from '#telemetry';
import { StatusService } from './status.service';
import type { ConnectorStatus, GroupStatus, HubStatus } from './status.types';

/** The status as Prometheus' text: read afresh for each scrape, so that what vanished does not linger. */
@Injectable()
export class MetricsService {
  private readonly metrics: Metrics = createMetrics();
  private running: Promise<string> | null = null;

  constructor(@Inject(StatusService) private readonly status: StatusService) {}

  get contentType(): string {
    return this.metrics.registry.contentType;
  }

  /** Scrapes that come at the same time share one answer. */
  scrape(): Promise<string> {
    this.running ??= this.read().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async read(): Promise<string> {
    const status = await this.status.status();
    this.metrics.registry.resetMetrics();
    this.setHub(status);
    for (const connector of status.connectors) this.setConnector(connector, Date.parse(status.at));
    this.setLag(status.groups);
    return this.metrics.registry.metrics();
  }

  private setHub({ records, exceptions, refused, outbox }: HubStatus): void {
    for (const { entity, live } of records) this.metrics.goldenRecords.set({ entity }, live);
    for (const { class: ofClass, severity, open } of exceptions) {
      this.metrics.openExceptions.set({ class: ofClass, severity }, open);
    }
    for (const { system, entity, occurrences } of refused) {
      this.metrics.deniedOccurrences.inc({ system, entity }, occurrences);
    }
    for (const { shard, rows } of outbox) this.metrics.outboxRows.set({ shard }, rows);
  }

  private setConnector({ system, task, phase, held, lastPollAt }: ConnectorStatus, nowMs: number): void {
    this.metrics.sourceReady.set({ system, task }, held && phase === 'streaming' ? 1 : 0);
    if (lastPollAt !== null) {
      this.metrics.sourcePollAge.set({ system, task }, Math.max(0, (nowMs - Date.parse(lastPollAt)) / 1000));
    }
  }

  private setLag(groups: readonly GroupStatus[]): void {
    const latest = new Map<string, { topic: string; partition: number; latest: number }>();
    const maxima = new Map<string, number>();
    for (const { group, topic, lag, partitions } of groups) {
      for (const each of partitions) {
        latest.set(`${topic}/${each.partition}`, { topic, ...each });
        const labels = { group, topic, partition: each.partition };
        if (each.committed !== null) this.metrics.groupOffset.set(labels, each.committed);
        if (each.lag === null) continue;
        this.metrics.groupLag.set(labels, each.lag);
        maxima.set(group, Math.max(maxima.get(group) ?? 0, each.lag));
      }
      if (lag === null) continue;
      this.metrics.groupTopicSumLag.set({ group, topic }, lag);
      this.metrics.groupSumLag.inc({ group }, lag);
    }
    for (const [group, lag] of maxima) this.metrics.groupMaxLag.set({ group }, lag);
    for (const { topic, partition, latest: end } of latest.values()) {
      this.metrics.partitionLatest.set({ topic, partition }, end);
    }
  }
}
