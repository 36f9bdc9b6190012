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

/** The figures of a result by load, and within a load by target in the plan's order. */
export function summarizeLevels({
  runs,
  plan,
}: {
  readonly runs: LabResult['runs'];
  readonly plan: Pick<LabResult['plan'], 'targets'>;
}): LevelSummary[] {
  const loads = [...new Set(runs.map((run) => run.plan.offeredLoad))].sort((a, b) => a - b);
  return loads.flatMap((offeredLoad) =>
    plan.targets.flatMap(({ name: target }) => {
      const ofLevel = runs.filter(
        (run) => run.plan.target === target && run.plan.offeredLoad === offeredLoad,
      );
      if (ofLevel.length === 0) return [];
      const measureMs = ofLevel.reduce((sum, run) => sum + run.plan.measureMs, 0);
      const streams = mergeRuns(ofLevel).map((stream) => summarizeStream(stream, measureMs));
      return { target, offeredLoad, streams };
    }),
  );
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
