import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import type { MakeRun } from './execute-plan.ts';
import { executeRun } from './execute-run.ts';

/** What can send the load of a closed-loop plan. Another load generator joins here, and in {@link chooseGenerator}. */
export const generatorNames = ['lab'] as const;

/** See {@link generatorNames}. */
export type GeneratorName = (typeof generatorNames)[number];

/** How a plan's runs are made with a load generator. */
export function chooseGenerator(
  name: GeneratorName,
  lab: LabContext,
  plan: ExperimentPlan,
): MakeRun {
  switch (name) {
    case 'lab':
      return (run, calibration) => executeRun(lab, plan, run, calibration);
  }
}
