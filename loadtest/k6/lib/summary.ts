import { namedErrorCodes, responseTimeOf } from './thresholds.ts';

/** What k6 hands to handleSummary, as far as it is read here. */
export interface SummaryData {
  readonly metrics: Readonly<
    Record<
      string,
      | {
          readonly values: Readonly<Record<string, number>>;
          readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
        }
      | undefined
    >
  >;
}

/** The figures of every Trend in the summary. Without this k6 leaves p99 out. */
export const summaryTrendStats = ['count', 'avg', 'min', 'p(50)', 'p(95)', 'p(99)', 'max'];

/** Where what goes: all figures as JSON into the file SUMMARY_PATH names, else a table onto stdout. */
export function summarize(data: SummaryData, scenarios: readonly string[]): Record<string, string> {
  const path = __ENV.SUMMARY_PATH;
  if (path !== undefined) return { [path]: `${JSON.stringify(data, null, 2)}\n` };
  return { stdout: renderText(data, scenarios) };
}

function renderText(data: SummaryData, scenarios: readonly string[]): string {
  const head = ['scenario', 'requests', 'failed', 'dropped', 'p50', 'p95', 'p99', 'max'];
  const rows = scenarios.map((scenario) => {
    const value = (metric: string, name: string) => data.metrics[metric]?.values[name];
    const times = responseTimeOf(scenario);
    const time = (name: string) =>
      (value(times, 'count') ?? 0) === 0 ? '-' : `${(value(times, name) ?? 0).toFixed(2)} ms`;
    return [
      scenario,
      `${value(`http_reqs{scenario:${scenario}}`, 'count') ?? 0}`,
      // Of a rate k6 counts as passes what is true, and what is true here is that the request failed.
      `${value(`http_req_failed{scenario:${scenario}}`, 'passes') ?? 0}`,
      `${value(`dropped_iterations{scenario:${scenario}}`, 'count') ?? 0}`,
      ...['p(50)', 'p(95)', 'p(99)', 'max'].map(time),
    ];
  });
  return `${[
    '',
    ...alignColumns([head, ...rows]),
    '',
    renderFailures(data),
    ...renderThresholds(data),
  ].join('\n')}\n`;
}

function renderFailures({ metrics }: SummaryData): string {
  const total = metrics.failures?.values.count ?? 0;
  const named = namedErrorCodes.map((code) => ({
    what: `error code ${code}`,
    count: metrics[`failures{error_code:${code}}`]?.values.count ?? 0,
  }));
  const others = total - named.reduce((sum, { count }) => sum + count, 0);
  const kinds = [...named, { what: 'another', count: others }].filter(({ count }) => count > 0);
  return `Failures: ${kinds.map(({ what, count }) => `${count} with ${what}`).join(', ') || 'none'}.`;
}

function renderThresholds({ metrics }: SummaryData): string[] {
  const missed = Object.entries(metrics).flatMap(([name, metric]) =>
    Object.entries(metric?.thresholds ?? {}).flatMap(([condition, { ok }]) =>
      ok ? [] : `MISSED: ${name} ${condition}`,
    ),
  );
  return missed.length === 0 ? ['All thresholds hold.'] : missed;
}

function alignColumns(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}
