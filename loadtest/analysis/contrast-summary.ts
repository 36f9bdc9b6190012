import type { LabResult } from '../result/result.ts';
import { mergeRuns } from './merge-runs.ts';
import type { Percentiles } from './percentiles.ts';
import { type StreamSummary, summarizeStream } from './summarize-stream.ts';

/** One target at one level of load, all its repetitions together. */
export interface LevelSummary {
  readonly target: string;
  readonly offeredLoad: number;
  readonly streams: readonly StreamSummary[];
}

/** How many times as long one target takes as another, per percentile. */
export interface PercentileRatios {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The figures of a result by target and load, in the order in which they were first measured. */
export function summarizeLevels({ runs }: Pick<LabResult, 'runs'>): LevelSummary[] {
  const keyOf = ({ plan }: LabResult['runs'][number]) => `${plan.target} ${plan.offeredLoad}`;
  return [...new Set(runs.map(keyOf))].flatMap((key) => {
    const ofLevel = runs.filter((run) => keyOf(run) === key);
    const [first] = ofLevel;
    if (first === undefined) return [];
    const measureMs = ofLevel.reduce((sum, { plan }) => sum + plan.measureMs, 0);
    return {
      target: first.plan.target,
      offeredLoad: first.plan.offeredLoad,
      streams: mergeRuns(ofLevel).map((stream) => summarizeStream(stream, measureMs)),
    };
  });
}

/** Percentile by percentile, `slow` ÷ `fast`; undefined when either has none. */
export function compareTimes(
  slow: Percentiles | undefined,
  fast: Percentiles | undefined,
): PercentileRatios | undefined {
  if (slow === undefined || fast === undefined) return undefined;
  return {
    p50: slow.p50Ms / fast.p50Ms,
    p95: slow.p95Ms / fast.p95Ms,
    p99: slow.p99Ms / fast.p99Ms,
    max: slow.maxMs / fast.maxMs,
  };
}
