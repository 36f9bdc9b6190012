import type { LabContext } from '../lab-context.ts';
import type { RunPlan } from '../result/experiment-plan.ts';

// What a run takes besides its window: two processes to start and one to stop.
const guessedOverheadMs = 1200;

/** Says how long the remaining runs will take, from what those made so far took beyond their windows. */
export function createEstimate(lab: Pick<LabContext, 'nowMs'>, runs: readonly RunPlan[]) {
  const startedMs = lab.nowMs();
  const windowsMs = (some: readonly RunPlan[]) =>
    some.reduce((sum, { warmupMs, measureMs }) => sum + warmupMs + measureMs, 0);
  return {
    /** Seconds, when `done` runs of the plan are made and others were made in vain. */
    leftSec(done: number, inVain: readonly { readonly plan: RunPlan }[]): number {
      const made = [...runs.slice(0, done), ...inVain.map(({ plan }) => plan)];
      const overheadMs =
        made.length === 0
          ? guessedOverheadMs
          : (lab.nowMs() - startedMs - windowsMs(made)) / made.length;
      const left = runs.slice(done);
      return Math.ceil((windowsMs(left) + left.length * overheadMs) / 1000);
    },
  };
}
