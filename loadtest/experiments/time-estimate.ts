import type { LabContext } from '../lab-context.ts';
import type { RunPlan } from '../result/experiment-plan.ts';

// What a run takes besides its window: two processes to start and one to stop.
const guessedOverheadMs = 1200;

/** Says how long runs will take, from what those made so far took beyond their windows. */
export function createEstimate(lab: Pick<LabContext, 'nowMs'>) {
  const startedMs = lab.nowMs();
  return {
    /** Seconds for the runs that are left, when these have been made since this estimate was created. */
    leftSec(made: readonly RunPlan[], left: readonly RunPlan[]): number {
      const overheadMs =
        made.length === 0
          ? guessedOverheadMs
          : (lab.nowMs() - startedMs - sumWindowsMs(made)) / made.length;
      return Math.ceil((sumWindowsMs(left) + left.length * overheadMs) / 1000);
    },
  };
}

function sumWindowsMs(runs: readonly RunPlan[]): number {
  return runs.reduce((sum, { warmupMs, measureMs }) => sum + warmupMs + measureMs, 0);
}
