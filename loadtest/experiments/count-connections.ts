import type { ExperimentPlan, RunPlan, StreamTemplate } from '../result/experiment-plan.ts';

/**
 * How many connections a run of the plan can have open at a time. Without the calls of `/compute`, which only the
 * calibration can tell.
 */
export function countConnections({
  runs,
  streams,
}: Pick<ExperimentPlan, 'runs' | 'streams'>): number {
  const perRun = runs.map((run) =>
    streams.reduce((sum, stream) => sum + countOfStream(stream, run), 0),
  );
  return Math.max(0, ...perRun);
}

function countOfStream({ arrivalRate, timeoutMs }: StreamTemplate, run: RunPlan): number {
  switch (arrivalRate.kind) {
    case 'virtual-users':
      return run.offeredLoad;
    case 'fixed':
      // One each, when the target answers nobody.
      return Math.ceil(
        (arrivalRate.perSec * Math.min(timeoutMs, run.warmupMs + run.measureMs)) / 1000,
      );
    case 'offered-load':
      return 0;
  }
}
