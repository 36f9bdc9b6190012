import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { readEnvironment } from '../result/read-environment.ts';
import { type LabResult, type RunResult, schemaVersion } from '../result/result.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { calibrate } from './calibrate.ts';
import { executeRun } from './execute-run.ts';

/** Carries a contrast's plan out, run after run. Rejects when it is aborted or a run cannot be made. */
export async function runContrast(lab: LabContext, plan: ExperimentPlan): Promise<LabResult> {
  const createdAt = lab.date().toISOString();
  lab.progress(`calibrating: one call at a time, ${plan.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, plan);
  lab.progress(`one call takes ${calibration.serviceTimeMs.toFixed(2)} ms of a thread`);

  const runs: RunResult[] = [];
  for (const [position, run] of plan.runs.entries()) {
    const load = run.offeredLoad === 0 ? 'no compute load' : `compute load ${run.offeredLoad}`;
    const seconds = (run.warmupMs + run.measureMs) / 1000;
    lab.progress(
      `run ${position + 1} of ${plan.runs.length}: ${run.target}, ${load}, ${seconds} s and the answers`,
    );
    runs.push(await executeRun(lab, plan, run, calibration));
  }
  return {
    schemaVersion,
    experiment: 'contrast',
    complete: true,
    createdAt,
    environment: readEnvironment(findProjectRoot()),
    plan,
    calibration,
    runs,
  };
}
