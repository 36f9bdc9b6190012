import { type LevelSummary, summarizeLevels } from '../analysis/contrast-summary.ts';
import type { StreamSummary } from '../analysis/summarize-stream.ts';
import type { ContrastVerdict } from '../analysis/verdict.ts';
import type { LoadUnit } from '../result/experiment-plan.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderConditions } from './conditions.ts';
import type { ReportAnalysis } from './headline.ts';
import { renderRatioInLine } from './headline-lines.ts';
import { explainLoad, introduceLoad } from './load-name.ts';
import { describeTiming } from './timing-lines.ts';
import { renderDuration, renderRate } from './units.ts';
import { renderValidity } from './validity-lines.ts';

/** A contrast for the terminal: what it comes to, the figures of both targets side by side, and what they can say. */
export function renderContrast(
  result: LabResult,
  { headline, verdict }: Pick<ReportAnalysis, 'headline' | 'verdict'>,
): string {
  const levels = summarizeLevels(result);
  const lines = [
    headline.sentence,
    ...(headline.detail === '' ? [] : [headline.detail]),
    '',
    describeTiming(result),
    explainLoad(result.plan.loadUnit),
    '',
    ...renderTimes(levels, verdict),
    ...renderWork(levels),
    ...renderAdmission(levels, result.plan.loadUnit),
    '',
    ...renderConditions(result),
    '',
    ...renderValidity(result),
  ];
  return `${lines.join('\n')}\n`;
}

function renderTimes(
  levels: readonly LevelSummary[],
  verdict: ContrastVerdict | undefined,
): string[] {
  const targets = unique(levels.map(({ target }) => target));
  const columns: Column[] = [
    { title: '', align: 'left' },
    { title: 'load', align: 'right' },
    ...targets.flatMap((target): Column[] => [
      { title: `${target} p50`, align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'p99', align: 'right' },
    ]),
    { title: verdict ? `p99 ${verdict.first} ÷ ${verdict.second}` : '', align: 'right' },
    { title: verdict ? `${verdict.second} is` : '', align: 'left' },
  ];
  const rows = unique(levels.flatMap(({ streams }) => streams.map(({ name }) => name))).flatMap(
    (name) => [
      ...loadsOf(levels).flatMap((load, index) => {
        const streams = targets.map((target) => find(levels, target, load, name));
        const known = streams.find((stream) => stream !== undefined);
        if (known === undefined) return [];
        const comparison = verdict?.comparisons.find(
          ({ stream, offeredLoad, percentile }) =>
            stream === name && offeredLoad === load && percentile === 99,
        );
        const isFirst = index === loadsOf(levels).findIndex((l) => hasStream(levels, l, name));
        return [
          [
            isFirst ? `${known.method} ${known.path}` : '',
            `${load}`,
            ...streams.flatMap((stream) => [
              renderDuration(stream?.responseTime?.p50Ms),
              renderDuration(stream?.responseTime?.p95Ms),
              renderDuration(stream?.responseTime?.p99Ms),
            ]),
            comparison === undefined ? '–' : renderRatioInLine(comparison),
            comparison?.verdict ?? '',
          ],
        ];
      }),
      [],
    ],
  );
  return renderColumns(columns, rows);
}

function renderWork(levels: readonly LevelSummary[]): string[] {
  const columns: Column[] = [
    { title: 'what was done', align: 'left' },
    { title: 'load', align: 'right' },
    { title: 'target', align: 'left' },
    { title: 'offered/s', align: 'right' },
    { title: 'done/s', align: 'right' },
    { title: 'unanswered', align: 'right' },
    { title: 'errors', align: 'left' },
  ];
  const rows = levels.flatMap(({ target, offeredLoad, streams }) =>
    streams
      .filter((stream) => stream.name === 'compute' || hasTrouble(stream))
      .map((stream) => [
        `${stream.method} ${stream.path}`,
        `${offeredLoad}`,
        target,
        renderRate(stream.arrivalRatePerSec),
        renderRate(stream.throughputPerSec),
        `${stream.unanswered}`,
        renderErrors(stream),
      ]),
  );
  return rows.length === 0 ? [] : [...renderColumns(columns, rows), ''];
}

function renderAdmission(levels: readonly LevelSummary[], unit: LoadUnit): string[] {
  const highest = loadsOf(levels).at(-1) ?? 0;
  const load = unit === 'threads' ? `At load ${highest}` : introduceLoad(highest, unit);
  return levels
    .filter(({ offeredLoad }) => offeredLoad === highest)
    .flatMap(({ target, streams }) =>
      streams.flatMap(({ method, path, connectTime, admissionTime }) =>
        admissionTime === undefined
          ? []
          : `${method} ${path} opens a new connection each time. ${load}, ${target}: connected after ` +
            `${renderDuration(connectTime?.p50Ms)}, first byte after ${renderDuration(admissionTime.p50Ms)} ` +
            `(p99 ${renderDuration(admissionTime.p99Ms)}).`,
      ),
    );
}

function hasTrouble({ errors, unanswered }: StreamSummary): boolean {
  return unanswered > 0 || Object.keys(errors).length > 0;
}

function renderErrors({ errors, timedOut, unanswered }: StreamSummary): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
  const bounds = timedOut + unanswered;
  if (bounds > 0) kinds.push(`(${bounds} times above are lower bounds)`);
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}

function find(levels: readonly LevelSummary[], target: string, load: number, name: string) {
  return levels
    .find((level) => level.target === target && level.offeredLoad === load)
    ?.streams.find((stream) => stream.name === name);
}

function hasStream(levels: readonly LevelSummary[], load: number, name: string): boolean {
  return levels.some(
    ({ offeredLoad, streams }) =>
      offeredLoad === load && streams.some((stream) => stream.name === name),
  );
}

function loadsOf(levels: readonly LevelSummary[]): number[] {
  return unique(levels.map(({ offeredLoad }) => offeredLoad)).sort((a, b) => a - b);
}

function unique<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
