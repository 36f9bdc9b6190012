import type { ExperimentPlan, RunPlan, StreamTemplate } from '../result/experiment-plan.ts';

/** How many connections a run of the plan can have open at a time. */
export function countConnections({
  runs,
  streams,
}: Pick<ExperimentPlan, 'runs' | 'streams'>): number {
  const perRun = runs.map((run) =>
    streams.reduce((sum, stream) => sum + countOfStream(stream, run), 0),
  );
  return Math.max(0, ...perRun);
}

function countOfStream(
  { connection, arrivalRate, timeoutMs }: StreamTemplate,
  run: RunPlan,
): number {
  if (connection.kind === 'kept') return connection.connections;
  switch (arrivalRate.kind) {
    case 'virtual-users':
      return run.offeredLoad;
    case 'fixed':
      // One each, when the target answers nobody.
      return Math.ceil(
        (arrivalRate.perSec * Math.min(timeoutMs, run.warmupMs + run.measureMs)) / 1000,
      );
    case 'offered-load':
      // Only the calibration can tell.
      return 0;
  }
}
