import { type LevelSummary, summarizeLevels } from '../analysis/levels.ts';
import type { ContrastVerdict } from '../analysis/verdict.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderOutcome, renderRatioInLine } from './comparison-text.ts';
import { renderConditions } from './conditions.ts';
import type { ReportAnalysis } from './headline.ts';
import { renderVirtualUsersTable } from './seed-table.ts';
import { describeTiming } from './timing-lines.ts';
import { renderDuration } from './units.ts';
import { renderValidity } from './validity-lines.ts';

/** Virtual users from k6 for the terminal: the original write-up's table for each mode, then the modes side by side. */
export function renderK6Baseline(
  result: LabResult,
  { headline, verdict }: Pick<ReportAnalysis, 'headline' | 'verdict'>,
): string {
  const levels = summarizeLevels(result);
  const lines = [
    ...(verdict === undefined ? [] : [headline.sentence, ...headline.details, '']),
    'Request durations as k6 counts them: from the actual send, and of requests that were answered.',
    '',
    ...renderVirtualUsersTable(result),
    '',
    ...renderFailures(levels),
    describeTiming(result),
    '',
    ...(verdict === undefined ? [] : [...renderModes(levels, verdict), '']),
    ...renderConditions(result),
    '',
    ...renderValidity(result),
  ];
  return `${lines.join('\n')}\n`;
}

function renderModes(
  levels: readonly LevelSummary[],
  { first, second, comparisons }: ContrastVerdict,
): string[] {
  const columns: Column[] = [
    { title: 'VUs', align: 'right' },
    { title: 'response time', align: 'left' },
    { title: first, align: 'right' },
    { title: second, align: 'right' },
    { title: `${first} ÷ ${second}`, align: 'right' },
    { title: `${second} is`, align: 'left' },
  ];
  const timesOf = (target: string, load: number) =>
    levels.find((level) => level.target === target && level.offeredLoad === load)?.streams[0]
      ?.responseTime;
  const rows = comparisons.map((comparison, index) => {
    const { offeredLoad, percentile } = comparison;
    const key = `p${percentile}Ms` as const;
    return [
      comparisons[index - 1]?.offeredLoad === offeredLoad ? '' : `${offeredLoad}`,
      `p${percentile}`,
      renderDuration(timesOf(first, offeredLoad)?.[key]),
      renderDuration(timesOf(second, offeredLoad)?.[key]),
      renderRatioInLine(comparison.ratio),
      renderOutcome(comparison),
    ];
  });
  return renderColumns(columns, rows);
}

function renderFailures(levels: readonly LevelSummary[]): string[] {
  const lines = levels.flatMap(({ target, offeredLoad, streams }) =>
    streams.flatMap(({ errors }) => {
      const kinds = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
      return kinds.length === 0 ? [] : [`${target} with ${offeredLoad} VUs: ${kinds.join(', ')}.`];
    }),
  );
  return lines.length === 0 ? [] : [...lines, ''];
}
