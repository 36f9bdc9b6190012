import { readHistogram } from './shared-series.ts';

/** Labels of a sample, by name. */
export type Labels = Readonly<Record<string, string>>;

/** One metric and what is known of it now. */
export type Metric = { name: string; help: string } & (
  | { type: 'gauge' | 'counter'; samples: readonly { labels?: Labels; value: number }[] }
  | { type: 'histogram'; samples: readonly { labels: Labels; cells: Float64Array }[] }
);

/** A format metrics are served in. */
export interface Exposition {
  contentType: string;
  render(metrics: readonly Metric[]): string;
}

/** Prometheus's text format. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
const prometheusText: Exposition = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  render: (metrics) => renderLines(metrics, ({ name }) => name),
};

/** The same, but for a counter's own name and the end. @see https://prometheus.io/docs/specs/om/open_metrics_spec/ */
const openMetrics: Exposition = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  render: (metrics) =>
    `${renderLines(metrics, ({ name, type }) => (type === 'counter' ? name.replace(/_total$/, '') : name))}# EOF\n`,
};

/** The format that a request's `Accept` header asks for. */
export function chooseExposition(accept = ''): Exposition {
  return accept.includes('application/openmetrics-text') ? openMetrics : prometheusText;
}

function renderLines(metrics: readonly Metric[], toFamily: (metric: Metric) => string): string {
  const lines = metrics.flatMap((metric) => {
    const family = toFamily(metric);
    return [
      `# HELP ${family} ${metric.help}`,
      `# TYPE ${family} ${metric.type}`,
      ...renderSamples(metric),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function renderSamples(metric: Metric): string[] {
  const { name } = metric;
  if (metric.type !== 'histogram')
    return metric.samples.map(({ labels = {}, value }) => `${name}${toText(labels)} ${value}`);
  return metric.samples.flatMap(({ labels, cells }) => {
    const { buckets, count, sumSec } = readHistogram(cells);
    return [
      ...buckets.map(
        (bucket) =>
          `${name}_bucket${toText({ ...labels, le: String(bucket.upperSec) })} ${bucket.count}`,
      ),
      `${name}_bucket${toText({ ...labels, le: '+Inf' })} ${count}`,
      `${name}_sum${toText(labels)} ${sumSec}`,
      `${name}_count${toText(labels)} ${count}`,
    ];
  });
}

function toText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
}
