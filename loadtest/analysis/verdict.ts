import type { LabResult } from '../result/result.ts';
import { type Estimate, estimateRatios, type Repetitions } from './bootstrap.ts';

/** The percentiles that are compared. */
export const comparedPercentiles = [50, 95, 99] as const;

/** One percentile of one stream at one load, compared between the two targets. */
export interface Comparison {
  readonly stream: string;
  readonly offeredLoad: number;
  readonly percentile: (typeof comparedPercentiles)[number];
  /** first ÷ second target, with its interval; undefined when one of them has no times. */
  readonly ratio: Estimate | undefined;
  /** Of the second target, seen from the first. */
  readonly verdict: 'better' | 'worse' | 'cannot tell';
}

/** The two targets of a result and all comparisons between them. */
export interface ContrastVerdict {
  readonly first: string;
  readonly second: string;
  /** How many processes of each target were measured at each load, at least. */
  readonly repetitions: number;
  readonly comparisons: readonly Comparison[];
}

/** A difference below this factor is not worth a verdict, however certain it is. */
export const minimalRatio = 1.1;

/** Compares the two targets of a result, stream by stream and load by load; undefined when it has not two. */
export function judge(result: Pick<LabResult, 'plan' | 'runs'>): ContrastVerdict | undefined {
  const [first, second] = result.plan.targets.map(({ name }) => name);
  if (first === undefined || second === undefined) return undefined;
  const loads = [...new Set(result.runs.map(({ plan }) => plan.offeredLoad))].sort((a, b) => a - b);
  let repetitions = Number.POSITIVE_INFINITY;
  const comparisons = loads.flatMap((offeredLoad) =>
    result.plan.streams.flatMap(({ name }) => {
      const ofFirst = repetitionsOf(result, first, offeredLoad, name);
      const ofSecond = repetitionsOf(result, second, offeredLoad, name);
      if (ofFirst.length === 0 || ofSecond.length === 0) return [];
      repetitions = Math.min(repetitions, ofFirst.length, ofSecond.length);
      const ratios = estimateRatios(ofFirst, ofSecond, comparedPercentiles);
      return comparedPercentiles.map((percentile, index) => {
        const ratio = ratios[index];
        return { stream: name, offeredLoad, percentile, ratio, verdict: toVerdict(ratio) };
      });
    }),
  );
  return comparisons.length === 0 ? undefined : { first, second, repetitions, comparisons };
}

function repetitionsOf(
  { runs }: Pick<LabResult, 'runs'>,
  target: string,
  offeredLoad: number,
  stream: string,
): Repetitions {
  return runs
    .filter(({ plan }) => plan.target === target && plan.offeredLoad === offeredLoad)
    .flatMap(({ streams }) => streams.filter(({ plan }) => plan.name === stream))
    .map(({ blocks }) => blocks);
}

function toVerdict(ratio: Estimate | undefined): Comparison['verdict'] {
  if (ratio === undefined) return 'cannot tell';
  if (ratio.low > minimalRatio) return 'better';
  return ratio.high < 1 / minimalRatio ? 'worse' : 'cannot tell';
}
