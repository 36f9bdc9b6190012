import type { LabResult, RunResult } from '../result/result.ts';
import { type Estimate, estimateRatio } from '../stats/estimate.ts';
import { type ComparedPercentile, comparedPercentiles } from '../stats/percentile.ts';
import { lacksSteadyState } from '../stats/steady-state.ts';
import { toVerdict, type Verdict } from '../stats/verdict.ts';
import {
  type LevelSummary,
  loadsOf,
  runsAt,
  type StreamLevel,
  streamsOf,
  summarizeLevels,
} from './levels.ts';
import type { HistogramName } from './percentiles.ts';
import { failureRatio, percentileOfRun } from './summarize-stream.ts';
import { type Want, wantRequests, wantRounds } from './wants.ts';

/** What a comparison comes to. */
export type Outcome =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'too little data'; readonly wants: readonly Want[] }
  /** Times of these targets are as long as the window made them. */
  | { readonly kind: 'no steady state'; readonly targets: readonly string[] };

/** One percentile of one stream at one load, compared between the two targets. */
export interface Comparison {
  readonly stream: string;
  readonly offeredLoad: number;
  readonly percentile: ComparedPercentile;
  readonly rounds: number;
  readonly windowMs: number;
  /** first ÷ second of the response time, from the intended start; undefined: too little data or no steady state. */
  readonly ratio: Estimate | undefined;
  /** The same from the actual send. A verdict needs both. */
  readonly sendRatio: Estimate | undefined;
  readonly outcome: Outcome;
  /** Share of requests that failed or were left unanswered, where it differs: the times are of survivors. */
  readonly failed: { readonly first: number; readonly second: number } | undefined;
}

/** The two targets of a result and all comparisons between them. */
export interface ContrastVerdict {
  readonly first: string;
  readonly second: string;
  readonly levels: readonly LevelSummary[];
  readonly comparisons: readonly Comparison[];
}

/** Failure rates further apart than this make a comparison one of survivors. */
const minimalFailureDifference = 0.01;

/** Compares the two targets of a result, stream by stream and load by load; undefined when it has not two. */
export function judge(result: Pick<LabResult, 'plan' | 'runs'>): ContrastVerdict | undefined {
  const [first, second] = result.plan.targets.map(({ name }) => name);
  if (first === undefined || second === undefined) return undefined;
  const levels = summarizeLevels(result);
  const comparisons = loadsOf(result.runs).flatMap((load) => {
    const [ofFirst, ofSecond] = [first, second].map((target) =>
      levels.find((level) => level.target === target && level.offeredLoad === load),
    );
    if (ofFirst === undefined || ofSecond === undefined) return [];
    const rounds = pairRounds(result.runs, first, second, load);
    return result.plan.streams.flatMap(({ name }) => {
      const [a, b] = [ofFirst, ofSecond].map(({ streams }) =>
        streams.find((stream) => stream.name === name),
      );
      if (a === undefined || b === undefined) return [];
      return comparedPercentiles.map((percentile) =>
        compare({ rounds, levels: [ofFirst, ofSecond], streams: [a, b], percentile }),
      );
    });
  });
  return comparisons.length === 0 ? undefined : { first, second, levels, comparisons };
}

/** The verdict of a comparison; undefined: there is none. */
export function verdictOf({ outcome }: Comparison): Verdict | undefined {
  return outcome.kind === 'verdict' ? outcome.verdict : undefined;
}

type Round = readonly [RunResult, RunResult];

function pairRounds(runs: LabResult['runs'], first: string, second: string, load: number): Round[] {
  const others = runsAt(runs, second, load);
  return runsAt(runs, first, load).flatMap((run): Round[] => {
    const other = others.find(({ plan }) => plan.repetition === run.plan.repetition);
    return other === undefined ? [] : [[run, other]];
  });
}

interface Compared {
  readonly rounds: readonly Round[];
  readonly levels: readonly [LevelSummary, LevelSummary];
  readonly streams: readonly [StreamLevel, StreamLevel];
  readonly percentile: ComparedPercentile;
}

function compare({ rounds, levels, streams, percentile }: Compared): Comparison {
  const [{ name }] = streams;
  const [{ offeredLoad, windowMs }] = levels;
  const ratiosOf = (times: HistogramName) =>
    rounds.flatMap((round) => {
      const [a, b] = round.map(({ streams }) => {
        const own = streams.find(({ plan }) => plan.name === name);
        return own === undefined ? undefined : percentileOfRun(own, percentile, times);
      });
      return a === undefined || b === undefined ? [] : [Math.max(0.001, a) / Math.max(0.001, b)];
    });
  const wants = [
    ...wantRounds(rounds.length),
    ...wantRequests(streamsOf(rounds.flat(), name), percentile, windowMs),
  ];
  const unsteady = levels.filter((_, side) => lacksSteadyState(streams[side]?.trend));
  const isComparable = wants.length === 0 && unsteady.length === 0;
  const ratio = isComparable ? estimateRatio(ratiosOf('responseTimeUs')) : undefined;
  const sendRatio = isComparable ? estimateRatio(ratiosOf('sendToEndUs')) : undefined;
  const [failedFirst, failedSecond] = [failureRatio(streams[0]), failureRatio(streams[1])];
  return {
    stream: name,
    offeredLoad,
    percentile,
    rounds: rounds.length,
    windowMs,
    ratio,
    sendRatio,
    outcome:
      unsteady.length > 0
        ? { kind: 'no steady state', targets: unsteady.map(({ target }) => target) }
        : wants.length > 0
          ? { kind: 'too little data', wants }
          : {
              kind: 'verdict',
              verdict: toVerdict([ratio, sendRatio].filter((known) => known !== undefined)),
            },
    failed:
      Math.abs(failedFirst - failedSecond) > minimalFailureDifference
        ? { first: failedFirst, second: failedSecond }
        : undefined,
  };
}
