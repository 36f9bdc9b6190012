import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';
import { readEnvironment } from '../result/read-environment.ts';
import { type LabResult, type RunResult, schemaVersion } from '../result/result.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { calibrate } from './calibrate.ts';
import { executeRun } from './execute-run.ts';

// What a run takes besides its window: two processes to start and one to stop.
const guessedOverheadMs = 1200;

/**
 * Carries a plan out, run after run. Stopped by the user it resolves all the same, with the runs made so far
 * and marked as incomplete. Rejects when a run cannot be made, or when there is nothing to keep.
 */
export async function executePlan(
  lab: LabContext,
  experiment: LabResult['experiment'],
  plan: ExperimentPlan,
): Promise<LabResult> {
  const createdAt = lab.date().toISOString();
  lab.progress(`calibrating: one call at a time, ${plan.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, plan);
  lab.progress(`one call takes ${calibration.serviceTimeMs.toFixed(2)} ms of a thread`);

  const runs: RunResult[] = [];
  const estimate = createEstimate(lab, plan.runs);
  try {
    for (const [position, run] of plan.runs.entries()) {
      const load = run.offeredLoad === 0 ? 'no compute load' : `compute load ${run.offeredLoad}`;
      lab.progress(
        `run ${position + 1} of ${plan.runs.length}: ${run.target}, ${load}, repetition ${run.repetition}; ` +
          `about ${estimate.leftSec(position)} s left`,
      );
      runs.push(await executeRun(lab, plan, run, calibration));
    }
  } catch (error) {
    if (!lab.signal.aborted || runs.length === 0) throw error;
  }
  return {
    schemaVersion,
    experiment,
    complete: runs.length === plan.runs.length,
    createdAt,
    environment: readEnvironment(findProjectRoot()),
    plan,
    calibration,
    runs,
  };
}

/** How long the remaining runs will take, from what those made so far took beyond their windows. */
function createEstimate(lab: LabContext, runs: readonly RunPlan[]) {
  const startedMs = lab.nowMs();
  const windowsMs = (some: readonly RunPlan[]) =>
    some.reduce((sum, { warmupMs, measureMs }) => sum + warmupMs + measureMs, 0);
  return {
    leftSec(done: number): number {
      const tookMs = lab.nowMs() - startedMs;
      const overheadMs =
        done === 0 ? guessedOverheadMs : (tookMs - windowsMs(runs.slice(0, done))) / done;
      const left = runs.slice(done);
      return Math.ceil((windowsMs(left) + left.length * overheadMs) / 1000);
    },
  };
}
