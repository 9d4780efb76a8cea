import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { COUNTERS, GAUGES, HISTOGRAMS } from './metric-names';
import type { MetricSpec } from './metric-names';

type LabelsOf<S> = S extends MetricSpec<infer L> ? L : never;

/** All metrics of one process, each under the name it has in `metric-names.ts`. */
export type Metrics = {
  readonly [K in keyof typeof COUNTERS]: Counter<LabelsOf<(typeof COUNTERS)[K]>>;
} & {
  readonly [K in keyof typeof GAUGES]: Gauge<LabelsOf<(typeof GAUGES)[K]>>;
} & {
  readonly [K in keyof typeof HISTOGRAMS]: Histogram<LabelsOf<(typeof HISTOGRAMS)[K]>>;
} & {
  /** What `/metrics` serves. */
  readonly registry: Registry;
};

/**
 * Makes all metrics in one registry. A labelled metric shows nothing until it is first used, so each app
 * exposes what it does and no more.
 */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  const made: Record<string, Counter | Gauge | Histogram> = {};
  for (const [key, { name, help, labels }] of Object.entries(COUNTERS)) {
    made[key] = new Counter({ name, help, labelNames: labels, registers });
  }
  for (const [key, { name, help, labels }] of Object.entries(GAUGES)) {
    made[key] = new Gauge({ name, help, labelNames: labels, registers });
  }
  for (const [key, { name, help, labels, buckets }] of Object.entries(HISTOGRAMS)) {
    made[key] = new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers });
  }
  return { ...made, registry } as unknown as Metrics;
}

/** Adds what prom-client knows of the process itself (memory, CPU, event loop). Call once for each process. */
export function collectProcessMetrics(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}

/** The metrics of this process: what the apps use. Tests make their own with `createMetrics`. */
export const metrics: Metrics = createMetrics();
