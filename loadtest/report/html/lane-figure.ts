import { runsAt } from '../../analysis/levels.ts';
import type { RunResult } from '../../result/result.ts';
import { describeLoad } from '../load-name.ts';
import type { Figure, FigureText } from './figure.ts';
import { type Lane, renderLaneValue } from './lanes.ts';
import type { ChartTable, ChartView } from './page-data.ts';
import { rangeFromZero, rangeLog, roundForChart } from './ranges.ts';
import type { ReportView } from './report-view.ts';

// A logarithmic axis has no zero, and below this nothing is to be seen.
const lowestMs = 0.1;
/** Samples come ten times a second. Where one is missing the line breaks. */
const longestIntervalMs = 300;

interface Column {
  readonly target: string;
  readonly repetition: number;
  readonly atMs: readonly number[];
  readonly values: readonly (number | null)[];
}

/** One lane of telemetry for every run; undefined when no run has anything in it. */
export function createLaneFigure(view: ReportView, lane: Lane): Figure | undefined {
  const { runs, plan } = view.result;
  const lengthMs = Math.max(0, ...runs.map((run) => run.plan.measureMs));
  const views: ChartView[] = [];
  const texts: FigureText[] = [];
  const drawn: number[] = [];
  for (const load of view.loads) {
    const columns = view.targets.flatMap((target) => {
      const ofLoad = runsAt(runs, target, load);
      return Array.from({ length: view.repetitions }, (_, index) =>
        readColumn(lane, target, index + 1, ofLoad[index], lengthMs),
      );
    });
    const tables = columns.map((column) => toTable(column, lane));
    drawn.push(...tables.flatMap(([, ys]) => ys?.filter((value) => value !== null) ?? []));
    views.push({ load, tables });
    texts.push(
      describe(lane, load, describeLoad(load, view.loadUnit), columns, plan.blockMs, lengthMs),
    );
  }
  if (drawn.length === 0) return undefined;
  return {
    title: lane.title,
    chart: {
      id: `server-${lane.id}`,
      x: {
        label: 'Time within the window',
        scale: 'linear',
        unit: 's',
        range: [0, lengthMs / 1000],
        ticks: [],
      },
      y: {
        label: lane.axis,
        scale: lane.scale,
        unit: lane.unit,
        range:
          lane.scale === 'log' ? rangeLog(drawn) : rangeFromZero([...drawn, lane.highest ?? 0]),
        ticks: [],
      },
      heightPx: 170,
      group: 'time',
      keys: view.targets.map((label, target) => ({ label, target, look: 'strong' })),
      series: view.targets.flatMap((_, target) =>
        Array.from({ length: view.repetitions }, () => target),
      ),
      views,
    },
    texts,
  };
}

function readColumn(
  lane: Lane,
  target: string,
  repetition: number,
  run: RunResult | undefined,
  lengthMs: number,
): Column {
  const points = run?.telemetry ?? [];
  const values = lane.read(points);
  const inWindow = points.flatMap(({ atMs }, index) =>
    atMs >= 0 && atMs <= lengthMs ? [{ atMs, value: values[index] ?? null }] : [],
  );
  return {
    target,
    repetition,
    atMs: inWindow.map(({ atMs }) => atMs),
    values: inWindow.map(({ value }) => value),
  };
}

function toTable({ atMs, values }: Column, { scale }: Lane): ChartTable {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  for (const [index, at] of atMs.entries()) {
    const previous = atMs[index - 1];
    if (previous !== undefined && at - previous > longestIntervalMs) {
      xs.push(roundForChart((at + previous) / 2000));
      ys.push(null);
    }
    const value = values[index] ?? null;
    xs.push(roundForChart(at / 1000));
    ys.push(
      value === null ? null : roundForChart(scale === 'log' ? Math.max(lowestMs, value) : value),
    );
  }
  return [xs, ys];
}

function describe(
  lane: Lane,
  load: number,
  atLoad: string,
  columns: readonly Column[],
  blockMs: number,
  lengthMs: number,
): FigureText {
  const measured = columns.filter(({ atMs }) => atMs.length > 0);
  const repeated = measured.some(({ repetition }) => repetition > 1);
  const name = ({ target, repetition }: Column) =>
    repeated ? `${target}, run ${repetition}` : target;
  const word = lane.summary === 'max' ? 'at most' : 'on average';
  const sentences = measured.map((column) => {
    const gaps = column.values.filter((value) => value === null).length;
    const value = sumUp(lane, column.values);
    const gapText = gaps === 0 ? '' : ` (${gaps} of ${column.values.length} samples without it)`;
    return `${name(column)}: ${value === undefined ? 'no figure' : `${word} ${renderLaneValue(lane.unit, value)}`}${gapText}.`;
  });
  return {
    load,
    summary: measured.length === 0 ? `Not recorded ${atLoad}.` : sentences.join(' '),
    table: {
      head: ['From', ...measured.map((column) => `${name(column)}, ${word}`)],
      rows: Array.from({ length: Math.ceil(lengthMs / blockMs) }, (_, block) => [
        `${((block * blockMs) / 1000).toFixed(1)} s`,
        ...measured.map(({ atMs, values }) =>
          renderLaneValue(
            lane.unit,
            sumUp(
              lane,
              values.filter((_, index) => Math.floor((atMs[index] ?? -1) / blockMs) === block),
            ),
          ),
        ),
      ]),
    },
  };
}

function sumUp({ summary }: Lane, values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  return summary === 'max'
    ? Math.max(...known)
    : known.reduce((sum, value) => sum + value, 0) / known.length;
}
