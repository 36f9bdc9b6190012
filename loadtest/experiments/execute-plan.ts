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
 * Carries a plan out, run after run; those that cannot be trusted are made again after the last one, as many as the
 * plan allows, and take their place among the runs.
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

  const made = new Map<string, RunResult>();
  const discarded: DiscardedRun[] = [];
  const queue = [...plan.runs];
  const estimate = createEstimate(lab);
  const listMade = () => [...made.values(), ...discarded].map((run) => run.plan);
  const listLeft = () => {
    const repeats = queue.filter(({ id }) => made.has(id));
    const first = queue.slice(0, queue.length - repeats.length);
    return [...first, ...repeats.slice(0, plan.maxRepeatedRuns - discarded.length)];
  };
  try {
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      const spoiled = made.get(run.id);
      if (spoiled !== undefined && discarded.length === plan.maxRepeatedRuns) break;
      lab.progress(
        `${spoiled === undefined ? '' : 'once more, '}run ${plan.runs.indexOf(run) + 1} of ${plan.runs.length}: ` +
          `${describeRun(plan, run)}; about ${estimate.leftSec(listMade(), [run, ...listLeft()])} s left`,
      );
      const result = await makeRun(run, calibration);
      if (spoiled !== undefined) {
        const { invalidReasons, host } = spoiled;
        discarded.push({ plan: run, invalidReasons, host });
      }
      made.set(run.id, result);
      // What holds a generator up comes in bursts: made again at once, a run would meet the same one.
      if (isRepeatable(result)) {
        lab.progress('that run cannot be trusted: the load generator was held up');
        queue.push(run);
      }
    }
  } catch (error) {
    if (!lab.signal.aborted || made.size === 0) throw error;
  }
  const runs = plan.runs.flatMap(({ id }) => made.get(id) ?? []);
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
