import { COUNTERS, GAUGES, HISTOGRAMS } from './metric-names';
import { createMetrics } from './metrics';

describe('metrics', () => {
  const specs = [...Object.values(COUNTERS), ...Object.values(GAUGES), ...Object.values(HISTOGRAMS)];

  it('gives every metric a name of its own', () => {
    const names = specs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names counters with _total and nothing else so', () => {
    expect(Object.values(COUNTERS).filter(({ name }) => !name.endsWith('_total'))).toEqual([]);
    expect(
      [...Object.values(GAUGES), ...Object.values(HISTOGRAMS)].filter(({ name }) => name.endsWith('_total')),
    ).toEqual([]);
  });

  it('registers all of them, also twice in one process', async () => {
    createMetrics();
    const { registry } = createMetrics();
    const registered = registry.getMetricsAsArray().map(({ name }) => name);
    expect(registered.sort()).toEqual(specs.map(({ name }) => name).sort());
  });
});
