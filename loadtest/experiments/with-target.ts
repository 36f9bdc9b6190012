import { setTimeout as delay } from 'node:timers/promises';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { startTarget, type Target, type TargetStop } from '../target/start-target.ts';
import { createTargetEnvironment } from '../target/target-environment.ts';

/** A broken connection is noticed before the end of the process that broke it. */
const crashNoticeMs = 250;

/**
 * Does something with a fresh process of one of the plan's targets, which is gone when this settles.
 * The signal given to `use` is aborted when the user wants to stop, and when the server ends too early.
 */
export async function withTarget<Result>(
  lab: LabContext,
  plan: Pick<ExperimentPlan, 'targets'>,
  targetName: string,
  use: (target: Target, signal: AbortSignal) => Promise<Result>,
): Promise<{ result: Result; stop: TargetStop }> {
  const targetPlan = plan.targets.find(({ name }) => name === targetName);
  if (targetPlan === undefined) throw new LabError(`the plan has no target ${targetName}`, 2);
  const target = await startTarget({
    entry: lab.serverEntry,
    execPath: lab.serverExecPath,
    env: createTargetEnvironment(lab.baseEnv, targetPlan.settings),
    signal: lab.signal,
    nowMs: lab.nowMs,
  });

  const stopUse = new AbortController();
  const onAbort = () => stopUse.abort(lab.signal.reason);
  lab.signal.addEventListener('abort', onAbort, { once: true });
  target.crashed.catch((error: unknown) => stopUse.abort(error));
  try {
    const result = await use(target, stopUse.signal);
    const stop = await target.stop();
    if (stop.killed) lab.progress(`${targetName}: did not stop when asked to and was killed`);
    return { result, stop };
  } catch (error) {
    if (!stopUse.signal.aborted) {
      await Promise.race([target.crashed.catch(() => {}), delay(crashNoticeMs)]);
    }
    await target.stop();
    // The cause of the failure says more than what it broke.
    throw stopUse.signal.aborted ? stopUse.signal.reason : error;
  } finally {
    lab.signal.removeEventListener('abort', onAbort);
  }
}
