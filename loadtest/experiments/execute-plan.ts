import { isRepeatable } from '../analysis/validity.ts';
import { readLabVersion } from '../generator/version.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import { renderDuration } from '../report/units.ts';
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
import { calibrate, calibrateAgain } from './calibrate.ts';
import { executeRun } from './execute-run.ts';
import { roundOf } from './repeatable-rounds.ts';
import { createEstimate } from './time-estimate.ts';

/** Makes one run of a plan, on a fresh process of its target. */
export type MakeRun = (
  plan: ExperimentPlan,
  run: RunPlan,
  calibration: Calibration,
) => Promise<RunResult>;

/** How a plan is carried out. */
export interface Execution {
  readonly experiment: LabResult['experiment'];
  /** The plan, once it is known what one call takes; before that, by what is assumed. */
  readonly createPlan: (serviceTimeMs?: number) => ExperimentPlan;
  /** Default: the lab's own generator. */
  readonly makeRun?: MakeRun;
}

/**
 * Calibrates and carries a plan out, run after run. A round with a run that cannot be trusted is made again as a whole,
 * after the last one, as many as the plan allows: what held one run up may have held up the hungrier target only, and
 * making that one again until it is lucky would favour it.
 * Stopped by the user it resolves all the same, with the runs made so far and marked as incomplete. Rejects when a
 * run cannot be made, or when there is nothing to keep.
 */
export async function executePlan(
  lab: LabContext,
  { experiment, createPlan, makeRun = (...order) => executeRun(lab, ...order) }: Execution,
): Promise<LabResult> {
  const createdAt = lab.date().toISOString();
  const projectRoot = findProjectRoot();
  const assumed = createPlan();
  lab.progress(`calibrating: one call at a time, ${assumed.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, assumed);
  lab.progress(`one call takes ${renderDuration(calibration.serviceTimeMs)} of a thread`);
  const plan = createPlan(calibration.serviceTimeMs);

  const made = new Map<string, RunResult>();
  const discarded: DiscardedRun[] = [];
  // Of the round that is being made again: it takes the first one's place as a whole, or not when the user stops.
  const remade: { readonly earlier: RunResult; readonly result: RunResult }[] = [];
  const queue = [...plan.runs];
  let repeatedRounds = 0;
  const estimate = createEstimate(lab);
  let atEnd: Calibration['atEnd'] = null;
  try {
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      const earlier = made.get(run.id);
      lab.progress(
        `${earlier === undefined ? '' : 'once more, '}run ${plan.runs.indexOf(run) + 1} of ${plan.runs.length}: ` +
          `${describeRun(plan, run)}; about ${estimate.leftSec(
            [...made.values(), ...discarded].map((one) => one.plan),
            [run, ...queue],
          )} s left`,
      );
      const result = await makeRun(plan, run, calibration);
      if (earlier === undefined) made.set(run.id, result);
      else remade.push({ earlier, result });
      if (queue[0] === undefined || roundOf(queue[0]) !== roundOf(run)) {
        for (const { earlier, result } of remade.splice(0)) {
          const { plan, invalidReasons, host } = earlier;
          discarded.push({ plan, invalidReasons, host });
          made.set(plan.id, result);
        }
      }
      if (isRepeatable(result)) lab.progress('that run cannot be trusted: see the end for why');
      if (queue.length === 0) {
        // What disturbs a machine comes in bursts: made again at once, a round would meet the same one.
        const again = listSpoiledRounds(plan, made).slice(
          0,
          plan.maxRepeatedRounds - repeatedRounds,
        );
        repeatedRounds += again.length;
        queue.push(...again.flat());
      }
    }
    if (plan.runs.length > 0) atEnd = await calibrateAtEnd(lab, plan);
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
    calibration: { ...calibration, atEnd },
    runs,
    discarded,
  };
}

/** Null, and said so, when the task fails by then: what has been measured is worth keeping. */
async function calibrateAtEnd(
  lab: LabContext,
  plan: ExperimentPlan,
): Promise<Calibration['atEnd']> {
  try {
    return await calibrateAgain(lab, plan);
  } catch (error) {
    if (lab.signal.aborted || !(error instanceof LabError)) throw error;
    lab.progress(`not calibrated again at the end: ${error.message}`);
    return null;
  }
}

/** The rounds in which a run cannot be trusted, each with all of its runs. */
function listSpoiledRounds(
  plan: ExperimentPlan,
  made: ReadonlyMap<string, RunResult>,
): RunPlan[][] {
  const spoiled = new Set([...made.values()].filter(isRepeatable).map((run) => roundOf(run.plan)));
  return [...spoiled].map((round) => plan.runs.filter((run) => roundOf(run) === round));
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
