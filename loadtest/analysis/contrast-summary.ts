import type { LabResult } from '../result/result.ts';
import { mergeRuns } from './merge-runs.ts';
import { type StreamSummary, summarizeStream } from './summarize-stream.ts';

/** One target at one level of load, all its repetitions together. */
export interface LevelSummary {
  readonly target: string;
  readonly offeredLoad: number;
  readonly streams: readonly StreamSummary[];
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
