import type { LabContext } from '../../lab-context.ts';
import type { ExperimentPlan } from '../../result/experiment-plan.ts';
import type { LabResult } from '../../result/result.ts';
import { executePlan, type MakeRun } from '../execute-plan.ts';
import { executeK6Run } from './execute-k6-run.ts';
import { findK6 } from './find-k6.ts';
import type { K6Choice } from './invocation.ts';

/** The result, and what k6 said and wrote about the runs it is made of. */
export interface K6Outcome {
  readonly result: LabResult;
  /** A line for each threshold that did not hold. */
  readonly missedThresholds: readonly string[];
  /** k6's summaries and dashboards. */
  readonly files: readonly string[];
}

/**
 * Carries a plan out with k6 as the load generator, which writes into `folder`. Stopped by the user it resolves as
 * {@link executePlan} does. Rejects when there is no k6 of the right version, or a run cannot be made.
 */
export async function runK6Experiment(
  lab: LabContext,
  experiment: LabResult['experiment'],
  plan: ExperimentPlan,
  choice: K6Choice,
  folder: string,
): Promise<K6Outcome> {
  const version = await findK6(lab);
  const missedThresholds: string[] = [];
  const files: string[] = [];
  const makeRun: MakeRun = async (plan, run, calibration) => {
    const made = await executeK6Run(lab, plan, run, calibration, choice, folder);
    missedThresholds.push(...made.missedThresholds.map((line) => `${run.id}: ${line}`));
    files.push(...made.files);
    if (!made.files.some((file) => file.endsWith('.html'))) {
      lab.progress('k6 made no dashboard: the run was too short for one');
    }
    return made.result;
  };
  const result = await executePlan(lab, { experiment, createPlan: () => plan, makeRun });
  return { result: { ...result, generator: { tool: 'k6', version } }, missedThresholds, files };
}
