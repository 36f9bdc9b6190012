import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import type { StreamResult } from '../result/stream-result.ts';
import { type Estimate, estimateUnpairedRatio } from '../stats/estimate.ts';
import { type ComparedPercentile, comparedPercentiles } from '../stats/percentile.ts';
import { toVerdict } from '../stats/verdict.ts';
import { compareKnees, findKnees } from './knee.ts';
import { runsAt, streamsOf } from './levels.ts';
import type { HistogramName } from './percentiles.ts';
import { type Difference, findDifferences } from './result-differences.ts';
import { percentileOfRun, type StreamSummary, summarizeStream } from './summarize-stream.ts';

/** Of the second result, seen from the first. */
export type Change = 'faster' | 'slower' | 'cannot tell' | 'too little data';

/** One percentile in both results. */
export interface PercentileChange {
  readonly percentile: ComparedPercentile;
  /** Second ÷ first, with its 95 % interval; undefined with too little data. */
  readonly ratio: Estimate | undefined;
  readonly change: Change;
}

/** One stream of one target at one load, in both results. */
export interface ComparedCell {
  readonly target: string;
  readonly offeredLoad: number;
  readonly stream: string;
  readonly first: StreamSummary;
  readonly second: StreamSummary;
  readonly percentiles: readonly PercentileChange[];
}

/** What one target carries, in both results. */
export interface ComparedKnee {
  readonly target: string;
  /** Second ÷ first: the least and the most that the two intervals allow. */
  readonly ratio: { readonly low: number; readonly high: number } | undefined;
  readonly change: 'more' | 'less' | 'cannot tell';
}

/** Two results side by side. */
export interface ResultComparison {
  /** What besides the measured thing differs; a decisive difference means that the figures cannot be compared. */
  readonly differences: readonly Difference[];
  /** Fewest processes that stand behind a cell: with one, how much another would differ is not known. */
  readonly repetitions: number;
  readonly cells: readonly ComparedCell[];
  /** Of knee results only, and then without cells: its loads are not the same twice. */
  readonly knees: readonly ComparedKnee[];
}

/** Compares two saved results cell by cell. Throws a {@link LabError} when they are of different experiments or have nothing in common. */
export function compareResults(first: LabResult, second: LabResult): ResultComparison {
  if (first.experiment !== second.experiment) {
    throw new LabError(
      `cannot compare a result of ${first.experiment} with one of ${second.experiment}`,
      2,
    );
  }
  const isKnee = first.experiment === 'knee';
  const cells = isKnee ? [] : compareCells(first, second);
  const knees = isKnee ? compareAllKnees(first, second) : [];
  if (cells.length + knees.length === 0) {
    throw new LabError('the results have no target and load in common', 2);
  }
  return {
    differences: findDifferences(first, second),
    repetitions: Math.min(countRepetitions(first), countRepetitions(second)),
    cells,
    knees,
  };
}

/** Whether nothing decisive but the measured thing differs. */
export function isComparable({ differences }: ResultComparison): boolean {
  return !differences.some(({ isDecisive }) => isDecisive);
}

function compareCells(first: LabResult, second: LabResult): ComparedCell[] {
  const levels = new Map(
    first.runs.map(({ plan: { target, offeredLoad } }) => [
      `${target} ${offeredLoad}`,
      { target, offeredLoad },
    ]),
  );
  return [...levels.values()].flatMap(({ target, offeredLoad }) => {
    const ofFirst = runsAt(first.runs, target, offeredLoad);
    const ofSecond = runsAt(second.runs, target, offeredLoad);
    return first.plan.streams.flatMap(({ name }): ComparedCell[] => {
      const [a, ...restOfA] = streamsOf(ofFirst, name);
      const [b, ...restOfB] = streamsOf(ofSecond, name);
      if (a === undefined || b === undefined) return [];
      const [as, bs] = [[a, ...restOfA] as const, [b, ...restOfB] as const];
      return [
        {
          target,
          offeredLoad,
          stream: name,
          first: summarizeStream(as, sumWindows(ofFirst)),
          second: summarizeStream(bs, sumWindows(ofSecond)),
          percentiles: comparedPercentiles.map((percentile) =>
            comparePercentile(as, bs, percentile),
          ),
        },
      ];
    });
  });
}

/** Two results have no rounds in common, so their runs are not paired. */
function comparePercentile(
  first: readonly StreamResult[],
  second: readonly StreamResult[],
  percentile: ComparedPercentile,
): PercentileChange {
  const ratioOf = (name: HistogramName) => {
    const [as, bs] = [first, second].map((runs) =>
      runs.flatMap((run) => percentileOfRun(run, percentile, name) ?? []),
    );
    if (as?.length !== first.length || bs?.length !== second.length) return undefined;
    return estimateUnpairedRatio(bs, as);
  };
  const ratio = ratioOf('responseTimeUs');
  const sendRatio = ratioOf('sendToEndUs');
  if (ratio === undefined || sendRatio === undefined) {
    return { percentile, ratio, change: 'too little data' };
  }
  const verdict = toVerdict([ratio, sendRatio]);
  const change = { better: 'slower', worse: 'faster', 'cannot tell': 'cannot tell' } as const;
  return { percentile, ratio, change: change[verdict] };
}

function sumWindows(runs: LabResult['runs']): number {
  return runs.reduce((sum, { plan }) => sum + plan.measureMs, 0);
}

function compareAllKnees(first: LabResult, second: LabResult): ComparedKnee[] {
  const seconds = findKnees(second);
  return findKnees(first).flatMap((knee) => {
    const other = seconds.find(({ target }) => target === knee.target);
    if (other === undefined) return [];
    const ratio = compareKnees(other, knee);
    const change =
      ratio === undefined || (ratio.low <= 1 && ratio.high >= 1)
        ? 'cannot tell'
        : ratio.low > 1
          ? 'more'
          : 'less';
    return { target: knee.target, ratio, change };
  });
}

function countRepetitions({ runs }: LabResult): number {
  const counts = new Map<string, number>();
  for (const { plan } of runs) {
    const key = `${plan.target} ${plan.offeredLoad}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.min(...counts.values());
}
