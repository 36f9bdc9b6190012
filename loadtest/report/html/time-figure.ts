import { runsAt } from '../../analysis/levels.ts';
import { mergeHistograms, toPercentiles } from '../../analysis/percentiles.ts';
import type { RunResult } from '../../result/result.ts';
import { describeLoad } from '../load-name.ts';
import { renderDuration } from '../units.ts';
import type { Figure, FigureText } from './figure.ts';
import type { ChartKey, ChartView } from './page-data.ts';
import { roundForChart, timeAxis } from './ranges.ts';
import type { ReportView, StreamView } from './report-view.ts';

interface Column {
  readonly target: string;
  readonly repetition: number;
  readonly p50Ms: readonly (number | null)[];
  readonly slowestMs: readonly (number | null)[];
}

/** Response time block by block of intended start, a line for every run: does it settle or grow? A block is too short for p99. */
export function createTimeFigure(view: ReportView, stream: StreamView): Figure {
  const { blockMs } = view.result.plan;
  const count = Math.max(
    0,
    ...view.result.runs.map(({ plan }) => Math.ceil(plan.measureMs / blockMs)),
  );
  // A block is drawn at its middle.
  const xs = Array.from({ length: count }, (_, block) => ((block + 0.5) * blockMs) / 1000);
  const views: ChartView[] = [];
  const texts: FigureText[] = [];
  for (const load of view.loads) {
    const columns = view.targets.flatMap((target) => {
      const runs = runsAt(view.result.runs, target, load);
      return Array.from({ length: view.repetitions }, (_, index) =>
        readColumn(target, index + 1, runs[index], stream.name, count),
      );
    });
    views.push({
      load,
      tables: [[xs, ...columns.flatMap(({ p50Ms, slowestMs }) => [slowestMs, p50Ms])]],
    });
    texts.push(describe(load, describeLoad(load, view.loadUnit), columns, blockMs));
  }
  const times = views.flatMap(({ tables }) => tables.flatMap(([, ...ys]) => ys.flat()));
  return {
    title: 'Response time over the run',
    chart: {
      id: `${stream.name}-time`,
      x: {
        label: 'Intended start within the window',
        scale: 'linear',
        unit: 's',
        range: [0, (count * blockMs) / 1000],
        ticks: [],
      },
      y: timeAxis('Response time', times),
      heightPx: 230,
      group: 'time',
      keys: view.targets.flatMap((name, target): ChartKey[] => [
        { label: `${name} slowest`, target, look: 'strong' },
        { label: `${name} p50`, target, look: 'weak' },
      ]),
      series: view.targets.flatMap((_, target) =>
        Array.from({ length: view.repetitions }, () => [2 * target, 2 * target + 1]).flat(),
      ),
      views,
    },
    texts,
  };
}

function readColumn(
  target: string,
  repetition: number,
  run: RunResult | undefined,
  stream: string,
  count: number,
): Column {
  const blocks = run?.streams.find(({ plan }) => plan.name === stream)?.blocks ?? [];
  const figures = Array.from({ length: count }, (_, index) => {
    const block = blocks[index];
    return block === undefined ? undefined : toPercentiles(mergeHistograms([block.responseTimeUs]));
  });
  return {
    target,
    repetition,
    p50Ms: figures.map((times) => (times === undefined ? null : roundForChart(times.p50Ms))),
    slowestMs: figures.map((times) => (times === undefined ? null : roundForChart(times.maxMs))),
  };
}

function describe(
  load: number,
  atLoad: string,
  columns: readonly Column[],
  blockMs: number,
): FigureText {
  const measured = columns.filter(({ slowestMs }) => slowestMs.some((time) => time !== null));
  const repeated = measured.some(({ repetition }) => repetition > 1);
  const name = ({ target, repetition }: Column) =>
    repeated ? `${target}, run ${repetition}` : target;
  const sentences = measured.map((column) => {
    const times = column.slowestMs.filter((time) => time !== null);
    return `${name(column)}: the slowest ${renderDuration(times[0])} in the first block, ${renderDuration(times.at(-1))} in the last.`;
  });
  const blocks = columns[0]?.slowestMs.length ?? 0;
  return {
    load,
    summary:
      measured.length === 0
        ? `Not requested ${atLoad}.`
        : `${sentences.join(' ')}${repeated ? ' One line for each run.' : ''}`,
    table: {
      head: [
        'From',
        ...measured.flatMap((column) => [`${name(column)} p50`, `${name(column)} slowest`]),
      ],
      rows: Array.from({ length: blocks }, (_, block) => [
        `${((block * blockMs) / 1000).toFixed(1)} s`,
        ...measured.flatMap(({ p50Ms, slowestMs }) => [
          renderDuration(p50Ms[block] ?? undefined),
          renderDuration(slowestMs[block] ?? undefined),
        ]),
      ]),
    },
  };
}
