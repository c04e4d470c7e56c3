/** Figures as Prometheus' text format has them. What is not in the table, or lacks a label of it, is a bug and throws. */
import assert from 'node:assert/strict';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Figure, TimesFigure } from '../observe/figures.ts';
import { requestBucketsSeconds } from '../observe/request-times.ts';
import { type MetricKind, metricTable } from './table.ts';

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** @returns all metrics of the table that there are figures of, in the table's order */
export async function writeExposition(figures: readonly Figure[], times: readonly TimesFigure[]): Promise<string> {
  const byName = Map.groupBy(figures, ({ name }) => name);
  const timesByName = Map.groupBy(times, ({ name }) => name);
  const registry = new Registry();
  for (const kind of metricTable) {
    if (kind.type === 'histogram') register(registry, histogramOf(kind, timesByName.get(kind.name) ?? []));
    else addFigures(registry, kind, byName.get(kind.name) ?? []);
  }
  const known = new Set(metricTable.map(({ name }) => name));
  const unknown = [...byName.keys(), ...timesByName.keys()].filter((name) => !known.has(name));
  assert.deepEqual(unknown, [], 'every metric is in the table');
  return registry.metrics();
}

function addFigures(registry: Registry, kind: MetricKind, figures: readonly Figure[]): void {
  if (figures.length === 0) return;
  const options = { name: kind.name, help: kind.means, labelNames: [...kind.labels], registers: [registry] };
  const metric = kind.type === 'gauge' ? new Gauge(options) : new Counter(options);
  for (const { labels = {}, value } of figures) {
    assert.deepEqual(Object.keys(labels), kind.labels, `labels of ${kind.name}`);
    metric.inc({ ...labels }, value);
  }
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly metricName: string;
  readonly value: number;
}

/** As prom-client's own histograms give themselves to a registry; those cannot be told counts that others have made. */
function histogramOf({ name, means }: MetricKind, times: readonly TimesFigure[]) {
  const values = times.flatMap(({ labels, counts, sumSeconds }): Series[] => {
    let below = 0;
    const buckets = counts.map((count, index) => {
      below += count;
      const le = String(requestBucketsSeconds[index] ?? '+Inf');
      return { labels: { ...labels, le }, metricName: `${name}_bucket`, value: below };
    });
    return [
      ...buckets,
      { labels, metricName: `${name}_sum`, value: sumSeconds },
      { labels, metricName: `${name}_count`, value: below },
    ];
  });
  return {
    name,
    help: means,
    type: 'histogram',
    aggregator: 'sum',
    values,
    get: async () => ({ name, help: means, type: 'histogram', values }),
  };
}

function register(registry: Registry, metric: ReturnType<typeof histogramOf>): void {
  if (metric.values.length > 0) registry.registerMetric(metric as unknown as Gauge);
}
