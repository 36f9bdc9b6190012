import { isRepeatable } from '../analysis/validity.ts';
import { readLabVersion } from '../generator/version.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';
import { readEnvironment } from '../result/read-environment.ts';
import {
  type Calibration,
  type DiscardedRun,
  type LabResult,
  type RunResult,
  schemaVersion,
} from '../result/result.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { calibrate } from './calibrate.ts';
import { executeRun } from './execute-run.ts';
import { createEstimate } from './time-estimate.ts';

/** Makes one run of a plan, on a fresh process of its target. */
export type MakeRun = (run: RunPlan, calibration: Calibration) => Promise<RunResult>;

/**
 * Carries a plan out, run after run; one that cannot be trusted is made again as often as the plan allows.
 * Stopped by the user it resolves all the same, with the runs made so far and marked as incomplete. Rejects when a
 * run cannot be made, or when there is nothing to keep.
 */
export async function executePlan(
  lab: LabContext,
  experiment: LabResult['experiment'],
  plan: ExperimentPlan,
  makeRun: MakeRun = (run, calibration) => executeRun(lab, plan, run, calibration),
): Promise<LabResult> {
  const createdAt = lab.date().toISOString();
  const projectRoot = findProjectRoot();
  lab.progress(`calibrating: one call at a time, ${plan.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, plan);
  lab.progress(`one call takes ${calibration.serviceTimeMs.toFixed(2)} ms of a thread`);

  const runs: RunResult[] = [];
  const discarded: DiscardedRun[] = [];
  const estimate = createEstimate(lab, plan.runs);
  try {
    for (const [position, run] of plan.runs.entries()) {
      for (;;) {
        lab.progress(
          `run ${position + 1} of ${plan.runs.length}: ${describeRun(plan, run)}; ` +
            `about ${estimate.leftSec(position, discarded)} s left`,
        );
        const result = await makeRun(run, calibration);
        if (discarded.length === plan.maxRepeatedRuns || !isRepeatable(result)) {
          runs.push(result);
          break;
        }
        lab.progress('that run cannot be trusted: the load generator was held up; making it again');
        const { invalidReasons, host } = result;
        discarded.push({ plan: run, invalidReasons, host });
      }
    }
  } catch (error) {
    if (!lab.signal.aborted || runs.length === 0) throw error;
  }
  return {
    schemaVersion,
    experiment,
    generator: { tool: 'offload-lab', version: readLabVersion(projectRoot) },
    complete: runs.length === plan.runs.length,
    createdAt,
    environment: readEnvironment(projectRoot),
    plan,
    calibration,
    runs,
    discarded,
  };
}

function describeRun({ loadUnit }: ExperimentPlan, run: RunPlan): string {
  const { target, offeredLoad, repetition } = run;
  const load =
    loadUnit === 'virtual users'
      ? `${offeredLoad} virtual users`
      : offeredLoad === 0
        ? 'no compute load'
        : `compute load ${offeredLoad}`;
  return `${target}, ${load}, repetition ${repetition}`;
}
