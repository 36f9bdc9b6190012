import { compareTimes, type LevelSummary, summarizeLevels } from '../analysis/contrast-summary.ts';
import type { StreamSummary } from '../analysis/summarize-stream.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderConditions } from './conditions.ts';
import { renderDuration, renderRate, renderRatio } from './units.ts';
import { renderValidity } from './validity-lines.ts';

const columns: readonly Column[] = [
  { title: 'endpoint', align: 'left' },
  { title: 'mode', align: 'left' },
  { title: 'offered/s', align: 'right' },
  { title: 'done/s', align: 'right' },
  { title: 'p50', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'unanswered', align: 'right' },
  { title: 'errors', align: 'left' },
];

/** A contrast for the terminal: the figures of both modes side by side, and what they can and cannot say. */
export function renderContrast(result: LabResult): string {
  const levels = summarizeLevels(result);
  const loads = [...new Set(levels.map(({ offeredLoad }) => offeredLoad))].filter((rho) => rho > 0);
  const idle = levels.filter(({ offeredLoad }) => offeredLoad === 0);
  const lines = loads.flatMap((load) =>
    renderLoad(
      load,
      levels.filter(({ offeredLoad }) => offeredLoad === load),
      idle,
    ),
  );
  return `${[...lines, ...renderConditions(result), '', ...renderValidity(result)].join('\n')}\n`;
}

function renderLoad(load: number, levels: LevelSummary[], idle: LevelSummary[]): string[] {
  const [slow, fast] = levels;
  const rows = (levels[0]?.streams ?? []).flatMap(({ name }) => [
    ...levels.flatMap((level) => renderStreamRow(level, level.target, name)),
    ...renderRatioRow(slow, fast, name),
    ...idle.flatMap((level) => renderStreamRow(level, `${level.target}, no compute`, name)),
    [],
  ]);
  return [
    `Response times with compute load at ${renderRatio(load)} what one thread can do, the same load for each mode.`,
    'Counted from when a request was meant to leave, so that waiting is never hidden.',
    '',
    ...renderColumns(columns, withoutRepeatedNames(rows)),
    ...renderAdmission(levels),
    '',
  ];
}

function renderStreamRow(level: LevelSummary, label: string, name: string): string[][] {
  const stream = find(level, name);
  if (stream === undefined) return [];
  const { responseTime } = stream;
  return [
    [
      `${stream.method} ${stream.path}`,
      label,
      renderRate(stream.arrivalRatePerSec),
      renderRate(stream.throughputPerSec),
      renderDuration(responseTime?.p50Ms),
      renderDuration(responseTime?.p95Ms),
      renderDuration(responseTime?.p99Ms),
      renderDuration(responseTime?.maxMs),
      `${stream.unanswered}`,
      renderErrors(stream),
    ],
  ];
}

function renderRatioRow(
  slow: LevelSummary | undefined,
  fast: LevelSummary | undefined,
  name: string,
): string[][] {
  if (slow === undefined || fast === undefined) return [];
  const ratios = compareTimes(find(slow, name)?.responseTime, find(fast, name)?.responseTime);
  const figures = [ratios?.p50, ratios?.p95, ratios?.p99, ratios?.max].map(renderRatio);
  return [['', `${slow.target} ÷ ${fast.target}`, '', '', ...figures, '', '']];
}

function renderAdmission(levels: readonly LevelSummary[]): string[] {
  return levels.flatMap(({ target, streams }) =>
    streams.flatMap(({ method, path, connectTime, admissionTime }) =>
      admissionTime === undefined
        ? []
        : `${method} ${path} opens a new connection each time. ${target}: connected after ` +
          `${renderDuration(connectTime?.p50Ms)}, first byte after ${renderDuration(admissionTime.p50Ms)} ` +
          `(p99 ${renderDuration(admissionTime.p99Ms)}).`,
    ),
  );
}

function renderErrors({ errors, timedOut, unanswered }: StreamSummary): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
  const bounds = timedOut + unanswered;
  if (bounds > 0) kinds.push(`(${bounds} times above are lower bounds)`);
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}

function find(level: LevelSummary, name: string): StreamSummary | undefined {
  return level.streams.find((stream) => stream.name === name);
}

function withoutRepeatedNames(rows: readonly string[][]): string[][] {
  let previous: string | undefined;
  return rows.map((row) => {
    const [name = '', ...rest] = row;
    const isRepeated = name === previous;
    if (name !== '') previous = name;
    return isRepeated ? ['', ...rest] : row;
  });
}
