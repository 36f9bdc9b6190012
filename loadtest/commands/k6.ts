import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkAssertions } from '../analysis/assertions.ts';
import type { K6Choice } from '../experiments/k6/invocation.ts';
import { createBaselinePlan, createMixedPlan } from '../experiments/k6/k6-plan.ts';
import { runK6Experiment } from '../experiments/k6/run-k6-experiment.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { deliver } from './deliver.ts';
import {
  type K6BaselineOptions,
  type K6MixedOptions,
  type K6Options,
  toBaselineSettings,
  toMixedSettings,
} from './k6-options.ts';

/** `lab k6 baseline`: virtual users from k6; saves, prints and resolves with the exit code. */
export async function k6Baseline(lab: LabContext, options: K6BaselineOptions): Promise<number> {
  return await runAndDeliver(lab, createBaselinePlan(toBaselineSettings(options)), options, {
    script: 'baseline',
    usersP99LimitMs: options.slo,
    // The load itself says how many.
    maxVirtualUsers: Number.POSITIVE_INFINITY,
  });
}

/** `lab k6 mixed`: constant rates from k6; saves, prints and resolves with the exit code. */
export async function k6Mixed(lab: LabContext, options: K6MixedOptions): Promise<number> {
  return await runAndDeliver(lab, createMixedPlan(toMixedSettings(options)), options, {
    script: 'mixed',
    usersP99LimitMs: options.slo,
    maxVirtualUsers: options.maxVus,
  });
}

async function runAndDeliver(
  lab: LabContext,
  plan: ExperimentPlan,
  options: K6Options,
  choice: K6Choice,
): Promise<number> {
  checkAssertions(options.assert ?? [], { plan });
  const scratch = await mkdtemp(join(tmpdir(), 'offload-lab-k6-'));
  try {
    const { result, missedThresholds, files } = await runK6Experiment(lab, plan, choice, scratch);
    const code = await deliver(lab, result, options, async (folder) => {
      for (const file of files) await copyFile(file, join(folder, basename(file)));
    });
    for (const line of missedThresholds) lab.progress(`missed in ${line}`);
    return code === 0 && missedThresholds.length > 0 ? 1 : code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
