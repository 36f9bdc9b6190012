import { runsAt, streamsOf, summarizeLevels } from '../../analysis/levels.ts';
import { percentileOfRun } from '../../analysis/summarize-stream.ts';
import type { RunResult } from '../../result/result.ts';
import { geometricMean } from '../../stats/estimate.ts';
import { lacksSteadyState } from '../../stats/steady-state.ts';
import { nameLoad } from '../load-name.ts';
import { renderDuration } from '../units.ts';
import type { Figure } from './figure.ts';
import type { ChartKey, ChartTable } from './page-data.ts';
import { roundForChart, timeAxis } from './ranges.ts';
import type { ReportView, StreamView } from './report-view.ts';

/** p95 against the offered load, the hockey stick: where does it leave the ground? A load without a steady state has no point. */
export function createLoadFigure(view: ReportView, stream: StreamView): Figure | undefined {
  const { result, targets, repetitions } = view;
  const name = (load: number) => nameLoad(load, view.loadUnit);
  const isThreads = view.loadUnit === 'threads';
  const levels = summarizeLevels(result);
  const trendOf = (target: string, load: number) =>
    levels
      .find((level) => level.target === target && level.offeredLoad === load)
      ?.streams.find(({ name }) => name === stream.name)?.trend;
  const p95Of = (runs: readonly RunResult[]) => {
    const own = streamsOf(runs, stream.name).map((run) =>
      percentileOfRun(run, 95, 'responseTimeUs'),
    );
    const known = own.filter((ms) => ms !== undefined);
    return known.length === 0 || known.length < own.length
      ? null
      : roundForChart(geometricMean(known));
  };
  const columns = targets.map((target) => {
    const runs = view.loads.map((load) =>
      lacksSteadyState(trendOf(target, load)) ? [] : runsAt(result.runs, target, load),
    );
    return {
      together: runs.map(p95Of),
      single: Array.from({ length: repetitions > 1 ? repetitions : 0 }, (_, index) =>
        runs.map((ofLoad) => p95Of(ofLoad.slice(index, index + 1))),
      ),
    };
  });
  const loads = view.loads.filter((_, index) =>
    columns.some(({ together }) => (together[index] ?? null) !== null),
  );
  // One point is no curve; the tables have it.
  if (loads.length < 2) return undefined;
  const ys = columns.flatMap(({ together, single }) => [together, ...single]);
  const values = ys.flat().filter((value) => value !== null);
  const [lowest = 0, highest = 1] = [loads[0], loads.at(-1)];
  const margin = (highest - lowest) * 0.05;
  const keysPerTarget = repetitions > 1 ? 2 : 1;
  return {
    title: 'p95 against load',
    chart: {
      id: `${stream.name}-load`,
      x: {
        label: isThreads ? 'Compute load (1×: one thread full)' : 'Virtual users',
        scale: 'linear',
        unit: isThreads ? 'load' : 'VUs',
        range: [lowest - margin, highest + margin],
        ticks: areFarApart(loads) ? loads : [],
      },
      y: timeAxis('p95 of response time', values),
      heightPx: 260,
      group: 'load',
      keys: targets.flatMap((name, target): ChartKey[] => {
        const together: ChartKey = { label: name, target, look: 'strong' };
        return repetitions > 1
          ? [together, { label: `${name}, single runs`, target, look: 'points' }]
          : [together];
      }),
      series: columns.flatMap(({ single }, target) => [
        keysPerTarget * target,
        ...single.map(() => keysPerTarget * target + 1),
      ]),
      views: [{ load: null, tables: columns.map((column) => toTable(view.loads, column)) }],
    },
    texts: [
      {
        load: null,
        summary: targets
          .map((target, index) =>
            describe(target, view.loads.map(name), columns[index]?.together ?? []),
          )
          .join(' '),
        table: {
          head: [
            isThreads ? 'Compute load' : 'Virtual users',
            ...targets.map((target) => `${target} p95`),
          ],
          rows: view.loads.map((load, index) => [
            name(load),
            ...columns.map(({ together }) => renderDuration(together[index] ?? undefined)),
          ]),
        },
      },
    ],
  };
}

/** A target's own loads: where only the other was measured, its line goes on. */
function toTable(
  loads: readonly number[],
  {
    together,
    single,
  }: { together: readonly (number | null)[]; single: readonly (number | null)[][] },
): ChartTable {
  const isMeasured = (_: unknown, index: number) => (together[index] ?? null) !== null;
  return [loads, together, ...single].map((column) => column.filter(isMeasured));
}

function describe(
  target: string,
  loads: readonly string[],
  p95Ms: readonly (number | null)[],
): string {
  const figures = loads.map((load, index) => {
    const value = p95Ms[index] ?? null;
    return value === null ? `none (${load})` : `${renderDuration(value)} (${load})`;
  });
  return `${target}: ${figures.join(', ')}.`;
}

// Labels of ticks that are closer would run into each other on a phone.
function areFarApart(loads: readonly number[]): boolean {
  const span = (loads.at(-1) ?? 0) - (loads[0] ?? 0);
  return loads.every((load, index) => index === 0 || load - (loads[index - 1] ?? 0) > 0.12 * span);
}
