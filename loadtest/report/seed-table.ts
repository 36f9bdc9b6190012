import { groupStreams, loadsOf, runsAt } from '../analysis/levels.ts';
import { mergeHistograms } from '../analysis/percentiles.ts';
import { summarizeStream } from '../analysis/summarize-stream.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration, renderRate } from './units.ts';

const columns: readonly Column[] = [
  { title: 'target', align: 'left' },
  { title: 'VUs', align: 'right' },
  { title: 'duration', align: 'right' },
  { title: 'requests', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'req/s', align: 'right' },
  { title: 'avg', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'result', align: 'left' },
];

/**
 * The table of the original write-up for a result whose load is virtual users: a row for each target and number of users,
 * all repetitions together. Times are as k6 counts its `http_req_duration`: from the actual send.
 */
export function renderVirtualUsersTable({
  plan,
  runs,
}: Pick<LabResult, 'plan' | 'runs'>): string[] {
  const groups = plan.targets.map(({ name: target }) =>
    loadsOf(runs).flatMap((load) => {
      const ofRow = runsAt(runs, target, load);
      return ofRow.length === 0 ? [] : [renderRow(target, load, ofRow)];
    }),
  );
  const rows = groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [[], ...group]));
  return renderColumns(columns, rows);
}

function renderRow(target: string, virtualUsers: number, runs: readonly RunResult[]): string[] {
  const measureMs = runs.reduce((sum, { plan }) => sum + plan.measureMs, 0);
  const groups = groupStreams(runs);
  const summaries = groups.map((group) => summarizeStream(group, measureMs));
  const sum = (count: (summary: (typeof summaries)[number]) => number) =>
    summaries.reduce((total, summary) => total + count(summary), 0);
  const requests = sum(({ sent }) => sent);
  const failed = sum(({ errors }) => Object.values(errors).reduce((all, count) => all + count, 0));
  const unanswered = sum((summary) => summary.unanswered);
  const times = mergeHistograms(
    groups.flat().flatMap(({ blocks }) => blocks.map(({ sendToEndUs }) => sendToEndUs)),
  );
  const isTimed = times.totalCount > 0;
  return [
    target,
    `${virtualUsers}`,
    `${measureMs / runs.length / 1000} s`,
    `${requests}`,
    `${failed + unanswered}`,
    renderRate(requests / (measureMs / 1000)),
    renderDuration(isTimed ? times.mean / 1000 : undefined),
    renderDuration(isTimed ? times.getValueAtPercentile(95) / 1000 : undefined),
    failed + unanswered === 0 ? 'pass' : 'errors',
  ];
}
