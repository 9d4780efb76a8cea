/** Metric and log names in one place, and the health server of every app. Imports nothing of ours. */
export * from './health';
export * from './logger';
export { COUNTERS, GAUGES, HISTOGRAMS } from './metric-names';
export type { MetricSpec } from './metric-names';
export * from './metrics';
