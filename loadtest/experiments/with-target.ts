import { setTimeout as delay } from 'node:timers/promises';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import type { ServerLog } from '../target/server-log.ts';
import { startTarget, type Target, type TargetStop } from '../target/start-target.ts';
import { createTargetEnvironment } from '../target/target-environment.ts';
import { explainFailure, explainLoggedError, type GivenToTarget } from './explain-failure.ts';

/** A broken connection is noticed before the end of the process that broke it. */
const crashNoticeMs = 250;

/** Those who have been told of an error that a server logged: one tells what is wrong with the others. */
const wereTold = new WeakSet<LabContext>();

/**
 * Does something with a fresh process of one of the plan's targets, which is gone when this settles.
 * The signal given to `use` is aborted when the user wants to stop, and when the server ends too early.
 * When it fails, the error says what the server has logged of the reason; the first that it logs otherwise is told as progress.
 */
export async function withTarget<Result>(
  lab: LabContext,
  plan: Pick<ExperimentPlan, 'targets'> & Partial<Pick<ExperimentPlan, 'task'>>,
  targetName: string,
  use: (target: Target, signal: AbortSignal) => Promise<Result>,
): Promise<{ result: Result; stop: TargetStop }> {
  const targetPlan = plan.targets.find(({ name }) => name === targetName);
  if (targetPlan === undefined) throw new LabError(`the plan has no target ${targetName}`, 2);
  const { settings } = targetPlan;
  const given: GivenToTarget = {
    task: plan.task ?? null,
    settings,
    droppedNames: lab.droppedNames,
  };
  const explain = (error: unknown, log?: ServerLog) =>
    error instanceof LabError && !lab.signal.aborted
      ? explainFailure(error, log?.firstError(), given)
      : error;
  const target = await startTarget({
    entry: lab.serverEntry,
    execPath: lab.serverExecPath,
    env: createTargetEnvironment(lab.baseEnv, settings),
    signal: lab.signal,
    nowMs: lab.nowMs,
  }).catch((error: unknown) => {
    throw explain(error);
  });

  const stopUse = new AbortController();
  const onAbort = () => stopUse.abort(lab.signal.reason);
  lab.signal.addEventListener('abort', onAbort, { once: true });
  target.crashed.catch((error: unknown) => stopUse.abort(error));
  try {
    const result = await use(target, stopUse.signal);
    const stop = await target.stop();
    if (stop.killed) lab.progress(`${targetName}: did not stop when asked to and was killed`);
    const logged = target.log.firstError();
    if (logged !== undefined && !wereTold.has(lab)) {
      wereTold.add(lab);
      lab.progress(explainLoggedError(logged, given));
    }
    return { result, stop };
  } catch (error) {
    if (!stopUse.signal.aborted) {
      await Promise.race([target.crashed.catch(() => {}), delay(crashNoticeMs)]);
    }
    await target.stop();
    // The cause of the failure says more than what it broke.
    throw explain(stopUse.signal.aborted ? stopUse.signal.reason : error, target.log);
  } finally {
    lab.signal.removeEventListener('abort', onAbort);
  }
}
