/** What the lab's intervals and verdicts are worth: simulated experiments, judged by the code that judges real ones. */
import { median } from '../loadtest/analysis/statistics.ts';
import { type Estimate, estimateRatio, estimateShare, mean } from '../loadtest/stats/estimate.ts';
import {
  type ComparedPercentile,
  comparedPercentiles,
  countNeeded,
} from '../loadtest/stats/percentile.ts';
import { judgeTrend, type LoadState } from '../loadtest/stats/steady-state.ts';
import { toVerdict } from '../loadtest/stats/verdict.ts';
import type { Mode } from './event-loop-model.ts';
import {
  type Bank,
  type ComparedStream,
  comparedStreams,
  type Round,
  type RunTimes,
} from './simulated-contrasts.ts';

/** The difference that a default contrast has to find. */
export const detectableRatio = 1.5;

/** The same times of both targets, one pair a round. */
export type PairedTimes = readonly (readonly [first: Float32Array, second: Float32Array])[];

/** Makes an interval of the ratio of a percentile, first ÷ second. */
export type EstimatePercentileRatio = (
  rounds: PairedTimes,
  percentile: ComparedPercentile,
) => Estimate | undefined;

/** The lab's way: one ratio a round. */
export const estimateByRounds: EstimatePercentileRatio = (rounds, percentile) =>
  estimateRatio(
    rounds.map(
      ([first, second]) => readPercentile(first, percentile) / readPercentile(second, percentile),
    ),
  );

/** Two targets, and the times of theirs that are compared. */
export interface Comparison {
  readonly first: Mode;
  readonly second: Mode;
  readonly stream: ComparedStream;
  readonly percentile: ComparedPercentile;
}

/** What an estimator does over many experiments; shares are of one. */
export interface RatioEvidence extends Comparison {
  /** Of a mode with itself 1; else the geometric mean over all rounds of the bank. */
  readonly trueRatio: number;
  /** How often the interval held the true ratio. */
  readonly coverage: number;
  /** How often a verdict was given. */
  readonly verdicts: number;
  /** How often the second was called better after all times of the first were multiplied by {@link detectableRatio}. */
  readonly power: number;
  /** How often it was when only the times from the intended start were, so that the difference is the generator's own. */
  readonly generatorVerdicts: number;
  /** Upper ÷ lower limit, the median of all experiments; infinite where there is no interval. */
  readonly width: number;
}

/** What can be compared: the percentiles of which every window holds enough requests. */
export function listComparisons({ experiments }: Bank, first: Mode, second: Mode): Comparison[] {
  const [round] = experiments[0] ?? [];
  return comparedStreams.flatMap((stream) =>
    comparedPercentiles
      .filter((percentile) => {
        const count = round?.[first][0].times[stream].responseMs.length ?? 0;
        return count >= countNeeded(percentile);
      })
      .map((percentile) => ({ first, second, stream, percentile })),
  );
}

/** Compares two targets in every experiment of a bank. */
export function evaluateRatios(
  { experiments }: Bank,
  comparison: Comparison,
  estimate = estimateByRounds,
): RatioEvidence {
  const trueRatio =
    comparison.first === comparison.second
      ? 1
      : (compare(experiments.flat(), comparison, estimateByRounds)[0]?.value ?? Number.NaN);
  const intervals = experiments.map((rounds) => compare(rounds, comparison, estimate));
  const multiplied = intervals.map((ofBoth) => ofBoth.map(multiplyBy(detectableRatio)));
  const late = intervals.map(([ratio, ...others]) =>
    ratio === undefined ? [] : [multiplyBy(detectableRatio)(ratio), ...others],
  );
  return {
    ...comparison,
    trueRatio,
    coverage: shareOf(intervals, ([ratio]) => ratio !== undefined && holds(ratio, trueRatio)),
    verdicts: shareOf(intervals, (ofBoth) => toVerdict(ofBoth) !== 'cannot tell'),
    power: shareOf(multiplied, (ofBoth) => toVerdict(ofBoth) === 'better'),
    generatorVerdicts: shareOf(late, (ofBoth) => toVerdict(ofBoth) !== 'cannot tell'),
    width: median(intervals.map(([ratio]) => toWidth(ratio))),
  };
}

/** How often a contrast of a mode with itself gives any verdict, over all that can be compared. */
export function evaluateAnyVerdict(bank: Bank, mode: Mode): number {
  const comparisons = listComparisons(bank, mode, mode);
  return shareOf(bank.experiments, (rounds) =>
    comparisons.some(
      (comparison) => toVerdict(compare(rounds, comparison, estimateByRounds)) !== 'cannot tell',
    ),
  );
}

/** What is said about one target at one load, over many experiments; shares are of one. */
export interface TrendEvidence {
  readonly mode: Mode;
  readonly offeredLoad: number;
  /** The mean of the bank, in ms per second of load. */
  readonly trueGrowthMsPerSec: number;
  /** How often the interval held it. */
  readonly coverage: number;
  /** The limits, the median of all experiments. */
  readonly lowMsPerSec: number;
  readonly highMsPerSec: number;
  readonly states: Readonly<Record<LoadState, number>>;
}

/** Judges one target in every experiment of a bank. */
export function evaluateTrends({ level, experiments }: Bank, mode: Mode): TrendEvidence {
  const growthOf = (round: Round) => round[mode][0].growthMsPerSec;
  const trueGrowthMsPerSec = mean(experiments.flat().map(growthOf));
  const trends = experiments.map((rounds) =>
    judgeTrend(rounds.map(growthOf), mean(rounds.map((round) => round[mode][0].utilization))),
  );
  const growths = trends.flatMap(({ growthMsPerSec }) => growthMsPerSec ?? []);
  const stateShare = (state: LoadState) => shareOf(trends, (trend) => trend.state === state);
  return {
    mode,
    offeredLoad: level.offeredLoad,
    trueGrowthMsPerSec,
    coverage: shareOf(growths, (growth) => holds(growth, trueGrowthMsPerSec)),
    lowMsPerSec: median(growths.map(({ low }) => low)),
    highMsPerSec: median(growths.map(({ high }) => high)),
    states: {
      'keeps up': stateShare('keeps up'),
      'near its limit': stateShare('near its limit'),
      'at its limit': stateShare('at its limit'),
      'does not keep up': stateShare('does not keep up'),
      unknown: stateShare('unknown'),
    },
  };
}

/** What is said about newcomers, over many experiments; shares are of one. */
export interface NewcomerEvidence {
  readonly mode: Mode;
  readonly offeredLoad: number;
  /** The mean of the bank. */
  readonly trueShare: number;
  readonly coverage: number;
  /** The limits, the median of all experiments. */
  readonly low: number;
  readonly high: number;
}

/** Estimates the newcomers' share in every experiment of a bank. */
export function evaluateNewcomers({ level, experiments }: Bank, mode: Mode): NewcomerEvidence {
  const countOf = (round: Round) => round[mode][0].newcomersAnswered;
  const trueShare = mean(
    experiments.flat().map((round) => countOf(round).part / countOf(round).whole),
  );
  const shares = experiments.flatMap((rounds) => estimateShare(rounds.map(countOf)) ?? []);
  return {
    mode,
    offeredLoad: level.offeredLoad,
    trueShare,
    coverage: shareOf(shares, (share) => holds(share, trueShare)),
    low: median(shares.map(({ low }) => low)),
    high: median(shares.map(({ high }) => high)),
  };
}

/** The standard error of a share that was counted in so many experiments. */
export function standardError(share: number, experiments: number): number {
  return Math.sqrt((share * (1 - share)) / experiments);
}

/** The smallest of ascending values that at least so many percent of them do not exceed. */
export function readPercentile(ascending: Float32Array, percentile: number): number {
  return ascending[Math.ceil((percentile / 100) * ascending.length) - 1] ?? Number.NaN;
}

/** The intervals that a verdict needs: from the intended start and from the actual send. Empty: there are none. */
function compare(
  rounds: readonly Round[],
  { first, second, stream, percentile }: Comparison,
  estimate: EstimatePercentileRatio,
): Estimate[] {
  const ratioOf = (kind: keyof RunTimes) =>
    estimate(
      rounds.map((round) => [
        round[first][0].times[stream][kind],
        round[second][1].times[stream][kind],
      ]),
      percentile,
    );
  const [ratio, sendRatio] = [ratioOf('responseMs'), ratioOf('sendToEndMs')];
  return ratio === undefined || sendRatio === undefined ? [] : [ratio, sendRatio];
}

function multiplyBy(factor: number) {
  return ({ value, low, high }: Estimate): Estimate => ({
    value: value * factor,
    low: low * factor,
    high: high * factor,
  });
}

function holds({ low, high }: Estimate, value: number): boolean {
  return low <= value && value <= high;
}

function toWidth(ratio: Estimate | undefined): number {
  return ratio === undefined ? Number.POSITIVE_INFINITY : ratio.high / ratio.low;
}

function shareOf<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.filter(is).length / items.length;
}
