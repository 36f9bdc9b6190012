import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkAssertions } from '../analysis/assertions.ts';
import type { K6Choice } from '../experiments/k6/invocation.ts';
import { runK6Experiment } from '../experiments/k6/run-k6-experiment.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import type { LabResult } from '../result/result.ts';
import { deliver } from './deliver.ts';
import type { OutputOptions } from './output-options.ts';

/** What is to be measured through k6. */
export interface K6Job {
  readonly experiment: LabResult['experiment'];
  readonly plan: ExperimentPlan;
  readonly choice: K6Choice;
}

/** Measures with k6, delivers the result with k6's own files beside it, and resolves with the exit code it calls for. */
export async function deliverK6(
  lab: LabContext,
  { experiment, plan, choice }: K6Job,
  options: OutputOptions,
): Promise<number> {
  checkAssertions(options.assert ?? [], { plan, experiment });
  const scratch = await mkdtemp(join(tmpdir(), 'offload-lab-k6-'));
  try {
    const outcome = await runK6Experiment(lab, experiment, plan, choice, scratch);
    const { result, missedThresholds, files } = outcome;
    const code = await deliver(lab, result, options, async (folder) => {
      for (const file of files) await copyFile(file, join(folder, basename(file)));
    });
    for (const line of missedThresholds) lab.progress(`missed in ${line}`);
    return code === 0 && missedThresholds.length > 0 ? 1 : code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
