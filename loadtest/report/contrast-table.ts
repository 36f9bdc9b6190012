import {
  type LevelSummary,
  loadsOf,
  type StreamLevel,
  summarizeLevels,
} from '../analysis/levels.ts';
import type { Comparison, ContrastVerdict } from '../analysis/verdict.ts';
import type { LabResult } from '../result/result.ts';
import type { ComparedPercentile } from '../stats/percentile.ts';
import { lacksSteadyState } from '../stats/steady-state.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderOutcome, renderRatioInLine } from './comparison-text.ts';
import { renderConditions } from './conditions.ts';
import type { ReportAnalysis } from './headline.ts';
import { renderGrowth, renderShare } from './headline-lines.ts';
import { explainLoad } from './load-name.ts';
import { describeTiming, nameStream } from './timing-lines.ts';
import { renderDuration, renderPercent, renderRate, renderRatio } from './units.ts';
import { renderValidity } from './validity-lines.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** A contrast for the terminal: what it comes to, the figures of both targets side by side, and what they can say. */
export function renderContrast(
  result: LabResult,
  { headline, verdict }: Pick<ReportAnalysis, 'headline' | 'verdict'>,
): string {
  const levels = verdict?.levels ?? summarizeLevels(result);
  const lines = [
    headline.sentence,
    ...headline.details,
    '',
    ...(levels.length === 0
      ? []
      : [
          describeTiming(result),
          explainLoad(result.plan.loadUnit),
          '',
          ...renderTimes(result, levels, verdict),
          ...explainMarks(levels),
          ...renderTargets(result, levels),
          '',
        ]),
    ...renderConditions(result),
    '',
    ...renderValidity(result),
  ];
  return `${lines.join('\n')}\n`;
}

function renderTimes(
  { runs }: LabResult,
  levels: readonly LevelSummary[],
  verdict: ContrastVerdict | undefined,
): string[] {
  const targets = unique(levels.map(({ target }) => target));
  const columns = [
    left(''),
    right('load'),
    ...targets.flatMap((target) => [right(`${target} p50`), right('p95'), right('p99')]),
    ...(verdict === undefined
      ? []
      : [
          left(`${verdict.first} ÷ ${verdict.second}`),
          right('from the send'),
          left(`${verdict.second} is`),
        ]),
  ];
  const names = unique(levels.flatMap(({ streams }) => streams.map(({ name }) => name)));
  const rows = names.flatMap((name) => {
    const ofStream = loadsOf(runs).flatMap((load) => {
      const streams = targets.map((target) => findStream(levels, target, load, name));
      const known = streams.find((stream) => stream !== undefined);
      if (known === undefined) return [];
      const comparison = chooseComparison(verdict?.comparisons ?? [], name, load);
      return [
        [
          nameStream(known),
          `${load}`,
          ...streams.flatMap(renderStreamTimes),
          ...(comparison === undefined
            ? []
            : [
                comparison.ratio === undefined
                  ? '–'
                  : `p${comparison.percentile} ${renderRatioInLine(comparison.ratio)}`,
                renderRatio(comparison.sendRatio?.value),
                renderOutcome(comparison),
              ]),
        ],
      ];
    });
    return [...ofStream.map((row, index) => (index === 0 ? row : ['', ...row.slice(1)])), []];
  });
  return renderColumns(columns, rows);
}

/** The comparison that is shown of a stream at a load: the headline's percentile, or the median where that has too little data. */
export function chooseComparison(
  comparisons: readonly Comparison[],
  name: string,
  load: number,
): Comparison | undefined {
  const [p95, p50] = [95, 50].map((percentile) =>
    comparisons.find(
      (one) => one.stream === name && one.offeredLoad === load && one.percentile === percentile,
    ),
  );
  return p95?.outcome.kind === 'too little data' && p50?.outcome.kind === 'verdict' ? p50 : p95;
}

/** Of a target that does not keep up there are no percentiles: by how much it falls behind stands in their place. */
export function renderStreamTimes(stream: StreamLevel | undefined): string[] {
  if (stream === undefined) return ['', '', ''];
  const { trend } = stream;
  if (lacksSteadyState(trend)) {
    return [trend?.state === 'at its limit' ? 'at its limit' : 'no steady state', '', ''];
  }
  return ([50, 95, 99] as const).map((percentile) => renderTime(stream, percentile));
}

/** A percentile, marked where the generator's own lateness could be half of it. */
export function renderTime(
  { responseTime, unresolved }: Pick<StreamLevel, 'responseTime' | 'unresolved'>,
  percentile: ComparedPercentile,
): string {
  const mark = unresolved.includes(percentile) ? '~' : '';
  const ms = responseTime?.[`p${percentile}Ms`];
  return ms === undefined ? '–' : `${mark}${renderDuration(ms)}`;
}

function explainMarks(levels: readonly LevelSummary[]): string[] {
  const streams = levels.flatMap((level) => level.streams);
  const isMarked = streams.some(({ unresolved }) => unresolved.length > 0);
  const isMissing = streams.some(
    ({ responseTime }) => responseTime !== undefined && responseTime.p99Ms === undefined,
  );
  return [
    ...(isMarked ? ['~: half of it or more may be the load generator’s own lateness.'] : []),
    ...(isMissing
      ? ['–: too few requests in a run for this percentile (p95 takes 80, p99 takes 400).']
      : []),
    ...(isMarked || isMissing ? [''] : []),
  ];
}

/** A row for each load and target: whether it kept up, how busy it was, and what it did. */
function renderTargets(result: LabResult, levels: readonly LevelSummary[]): string[] {
  const isOpen = result.plan.loadUnit === 'threads';
  const columns = [
    right('load'),
    left('target'),
    ...(isOpen ? [left('state'), left('growth of GET /users')] : []),
    right('loop busy'),
    right('compute/s'),
    right('done/s'),
    ...(isOpen ? [left('newcomers answered, of 100')] : []),
    left('failed'),
  ];
  const rows = levels.map(({ target, offeredLoad, trend, utilization, streams }) => {
    const compute = streams.find(({ name }) => name === 'compute');
    const newcomers = streams.find(({ name }) => name === 'newcomers');
    return [
      `${offeredLoad}`,
      target,
      ...(isOpen ? [trend?.state ?? '–', renderGrowth(trend?.growthMsPerSec)] : []),
      renderPercent(utilization),
      renderRate(compute?.arrivalRatePerSec),
      renderRate(compute?.throughputPerSec),
      ...(isOpen ? [renderShare(newcomers?.answeredRatio)] : []),
      renderTroubles(streams),
    ];
  });
  return renderColumns(columns, rows);
}

/** What failed on a target at a load, and which times are lower bounds. */
export function renderTroubles(streams: readonly StreamLevel[]): string {
  const troubles = streams.flatMap(
    ({ name, errors, timedOut, unanswered, waitedForConnection }) => {
      const parts = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
      if (unanswered > 0) parts.push(`${unanswered} unanswered`);
      if (timedOut + unanswered > 0) parts.push('counted at their age');
      if (waitedForConnection > 0) parts.push(`${waitedForConnection} waited for a connection`);
      return parts.length === 0 ? [] : `${name}: ${parts.join(', ')}`;
    },
  );
  return troubles.length === 0 ? 'none' : troubles.join('; ');
}

function findStream(levels: readonly LevelSummary[], target: string, load: number, name: string) {
  return levels
    .find((level) => level.target === target && level.offeredLoad === load)
    ?.streams.find((stream) => stream.name === name);
}

function unique<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
