import {
  type ComparedCell,
  isComparable,
  type ResultComparison,
} from '../analysis/compare-results.ts';
import type { StreamSummary } from '../analysis/summarize-stream.ts';
import { fewestRounds } from '../stats/estimate.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration, renderRate, renderRatio } from './units.ts';

const columns: readonly Column[] = [
  { title: 'load', align: 'right' },
  { title: 'target', align: 'left' },
  { title: 'stream', align: 'left' },
  { title: '', align: 'left' },
  { title: 'first', align: 'right' },
  { title: 'second', align: 'right' },
  { title: 'second ÷ first', align: 'right' },
  { title: '95 % interval', align: 'left' },
  { title: 'the second is', align: 'left' },
];

/** Two results side by side for the terminal, with what stands in the way of comparing them. */
export function renderComparison(comparison: ResultComparison): string {
  const { cells, knees, differences, repetitions } = comparison;
  const decisive = differences.filter(({ isDecisive }) => isDecisive);
  const noteworthy = differences.filter(({ isDecisive }) => !isDecisive);
  return `${[
    ...(cells.length === 0 ? [] : renderColumns(columns, cells.flatMap(renderCell))),
    ...knees.map(renderKneeChange),
    '',
    ...(repetitions < fewestRounds && cells.length > 0
      ? [
          `An interval takes ${fewestRounds} runs of each target at each load, and there is one with ${repetitions}: --repeats ${fewestRounds}.`,
        ]
      : []),
    ...listDifferences('Also differs:', noteworthy),
    ...listDifferences('NOT COMPARABLE: figures differ because of this alone:', decisive),
    ...(isComparable(comparison) ? ['Comparable: measured under the same conditions.'] : []),
  ].join('\n')}\n`;
}

function renderCell({ offeredLoad, target, stream, first, second, percentiles }: ComparedCell) {
  const rows = percentiles.map(({ percentile, ratio, change }) => [
    `p${percentile}`,
    renderDuration(pick(first, percentile)),
    renderDuration(pick(second, percentile)),
    renderRatio(ratio?.value),
    ratio === undefined ? '' : `${renderRatio(ratio.low)} to ${renderRatio(ratio.high)}`,
    change,
  ]);
  const counts = [
    ['done/s', renderRate(first.throughputPerSec), renderRate(second.throughputPerSec)],
    ['failed', `${countFailed(first)}`, `${countFailed(second)}`],
  ];
  return [...rows, ...counts].map((row, index) => [
    ...(index === 0 ? [`${offeredLoad}`, target, stream] : ['', '', '']),
    ...row,
  ]);
}

function renderKneeChange({ target, ratio, change }: ResultComparison['knees'][number]): string {
  if (ratio === undefined) return `${target}: cannot tell, one of the knees was not found.`;
  const most = Number.isFinite(ratio.high) ? ratio.high.toFixed(2) : 'more';
  const verdict = change === 'cannot tell' ? change : `it carries ${change}`;
  return `${target}: the second carries ${ratio.low.toFixed(2)} to ${most} times the load: ${verdict}.`;
}

function listDifferences(title: string, differences: ResultComparison['differences']): string[] {
  if (differences.length === 0) return [];
  return [
    title,
    ...differences.map(({ what, first, second }) => `  ${what}: ${first} / ${second}`),
  ];
}

function pick({ responseTime }: StreamSummary, percentile: 50 | 95 | 99): number | undefined {
  switch (percentile) {
    case 50:
      return responseTime?.p50Ms;
    case 95:
      return responseTime?.p95Ms;
    case 99:
      return responseTime?.p99Ms;
  }
}

/** Failures by any kind, and requests without an answer. */
function countFailed({ errors, unanswered }: StreamSummary): number {
  return Object.values(errors).reduce((sum, count) => sum + count, unanswered);
}
