import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import type { StreamResult } from '../result/stream-result.ts';
import { type Estimate, estimateRatios } from './bootstrap.ts';
import { compareKnees, findKnees } from './knee.ts';
import { mergeRuns } from './merge-runs.ts';
import { type Difference, findDifferences } from './result-differences.ts';
import { type StreamSummary, summarizeStream } from './summarize-stream.ts';
import { comparedPercentiles, minimalRatio } from './verdict.ts';

/** Of the second result, seen from the first. */
export type Change = 'faster' | 'slower' | 'cannot tell';

/** One percentile in both results. */
export interface PercentileChange {
  readonly percentile: (typeof comparedPercentiles)[number];
  /** Second ÷ first, with its 95 % interval; undefined when one of them has no times. */
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
    const [ofFirst, ofSecond] = [first, second].map(({ runs }) =>
      runs.filter(({ plan }) => plan.target === target && plan.offeredLoad === offeredLoad),
    );
    if (ofFirst === undefined || ofSecond === undefined || ofSecond.length === 0) return [];
    const seconds = mergeRuns(ofSecond);
    return mergeRuns(ofFirst).flatMap((stream) => {
      const other = seconds.find(({ plan }) => plan.name === stream.plan.name);
      if (other === undefined) return [];
      return {
        target,
        offeredLoad,
        stream: stream.plan.name,
        first: summarize(stream, ofFirst),
        second: summarize(other, ofSecond),
        percentiles: comparePercentiles(
          toRepetitions(ofFirst, stream.plan.name),
          toRepetitions(ofSecond, stream.plan.name),
        ),
      };
    });
  });
}

function comparePercentiles(
  first: ReturnType<typeof toRepetitions>,
  second: ReturnType<typeof toRepetitions>,
): PercentileChange[] {
  const ratios = estimateRatios(second, first, comparedPercentiles);
  return comparedPercentiles.map((percentile, index) => {
    const ratio = ratios[index];
    return { percentile, ratio, change: toChange(ratio) };
  });
}

function toChange(ratio: Estimate | undefined): Change {
  if (ratio === undefined) return 'cannot tell';
  if (ratio.low > minimalRatio) return 'slower';
  return ratio.high < 1 / minimalRatio ? 'faster' : 'cannot tell';
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

function summarize(stream: StreamResult, runs: LabResult['runs']): StreamSummary {
  return summarizeStream(
    stream,
    runs.reduce((sum, { plan }) => sum + plan.measureMs, 0),
  );
}

function toRepetitions(runs: LabResult['runs'], stream: string) {
  return runs
    .flatMap(({ streams }) => streams.filter(({ plan }) => plan.name === stream))
    .map(({ blocks }) => blocks);
}

function countRepetitions({ runs }: LabResult): number {
  const counts = new Map<string, number>();
  for (const { plan } of runs) {
    const key = `${plan.target} ${plan.offeredLoad}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.min(...counts.values());
}
