import type { Histogram } from 'hdr-histogram-js';
import { runsAt, summarizeLevels } from '../../analysis/levels.ts';
import { mergeHistograms } from '../../analysis/percentiles.ts';
import { lacksSteadyState } from '../../stats/steady-state.ts';
import { describeLoad } from '../load-name.ts';
import { renderDuration } from '../units.ts';
import type { Figure, FigureText } from './figure.ts';
import type { ChartView } from './page-data.ts';
import { roundForChart, timeAxis } from './ranges.ts';
import type { ReportView, StreamView } from './report-view.ts';

const pointsPerDecade = 20;
const decades = 4;
const lowestMs = 0.001;

const tabled = [50, 75, 90, 95, 99, 99.9, 100];

/** How long which share of the requests takes: both axes logarithmic, so that the tail has room. */
export function createPercentileFigure(view: ReportView, stream: StreamView): Figure {
  const xs = createXs();
  const views: ChartView[] = [];
  const texts: FigureText[] = [];
  const levels = summarizeLevels(view.result);
  let mostTimes = 0;
  for (const load of view.loads) {
    const histograms = view.targets.map((target) => timesOf(view, stream.name, target, load));
    mostTimes = Math.max(mostTimes, ...histograms.map(({ totalCount }) => totalCount));
    views.push({ load, tables: [[xs, ...histograms.map((times) => toCurve(times, xs))]] });
    const unsteady = levels.flatMap(({ target, offeredLoad, streams }) =>
      offeredLoad === load &&
      streams.some(({ name, trend }) => name === stream.name && lacksSteadyState(trend))
        ? target
        : [],
    );
    texts.push(
      describe(view.targets, load, describeLoad(load, view.loadUnit), histograms, unsteady),
    );
  }
  const times = views.flatMap(({ tables }) => tables.flatMap(([, ...ys]) => ys.flat()));
  return {
    title: 'How long requests take, by percentile',
    chart: {
      id: `${stream.name}-percentiles`,
      x: {
        label: 'Share of requests that are at least as fast',
        scale: 'percentile',
        unit: '%',
        range: [1, Math.min(10 ** decades, Math.max(200, mostTimes))],
        ticks: [2, 10, 100, 1000, 10_000],
      },
      y: timeAxis('Response time', times),
      heightPx: 260,
      group: 'percentile',
      keys: view.targets.map((label, target) => ({ label, target, look: 'strong' })),
      series: view.targets.map((_, target) => target),
      views,
    },
    texts,
  };
}

function timesOf({ result }: ReportView, stream: string, target: string, load: number): Histogram {
  return mergeHistograms(
    runsAt(result.runs, target, load)
      .flatMap(({ streams }) => streams.filter(({ plan }) => plan.name === stream))
      .flatMap(({ blocks }) => blocks.map(({ responseTimeUs }) => responseTimeUs)),
  );
}

/** 1 ÷ (1 − p), evenly spread on a logarithmic scale, with 2 (p = 50 %) among them. */
function createXs(): number[] {
  const even = Array.from({ length: decades * pointsPerDecade + 1 }, (_, step) =>
    roundForChart(10 ** (step / pointsPerDecade)),
  );
  return [...new Set([...even, 2])].sort((a, b) => a - b);
}

/** Percentiles beyond what so many requests can tell are gaps: one request in a thousand needs a thousand. */
function toCurve(times: Histogram, xs: readonly number[]): (number | null)[] {
  return xs.map((x) =>
    x > times.totalCount
      ? null
      : roundForChart(Math.max(lowestMs, times.getValueAtPercentile(100 * (1 - 1 / x)) / 1000)),
  );
}

function describe(
  targets: readonly string[],
  load: number,
  atLoad: string,
  histograms: readonly Histogram[],
  unsteady: readonly string[],
): FigureText {
  const at = (times: Histogram, percentile: number) =>
    times.totalCount === 0 ? undefined : times.getValueAtPercentile(percentile) / 1000;
  const sentences = histograms.map((times, index) => {
    if (times.totalCount === 0) return `${targets[index]}: no times.`;
    const tail = [99, 90].find((percentile) => canTell(times, percentile)) ?? 50;
    return (
      `${targets[index]}: half of ${times.totalCount.toLocaleString('en-US')} requests within ${renderDuration(at(times, 50))}, ` +
      `${tail} % within ${renderDuration(at(times, tail))}, the slowest ${renderDuration(at(times, 100))}.`
    );
  });
  return {
    load,
    summary: histograms.every(({ totalCount }) => totalCount === 0)
      ? `Not requested ${atLoad}.`
      : [
          ...sentences,
          ...(unsteady.length === 0
            ? []
            : [
                `No steady state on ${unsteady.join(' and ')}: those times are as long as the window made them.`,
              ]),
        ].join(' '),
    table: {
      head: ['Percentile', ...targets],
      rows: tabled.map((percentile) => [
        percentile === 100 ? 'slowest' : `${percentile} %`,
        ...histograms.map((times) =>
          canTell(times, percentile) ? renderDuration(at(times, percentile)) : '–',
        ),
      ]),
    },
  };
}

/** The same rule as for the curve: a thousandth of fewer than a thousand is not a figure. The slowest always is. */
function canTell(times: Histogram, percentile: number): boolean {
  return percentile === 100 || Math.round(times.totalCount * (100 - percentile)) >= 100;
}
