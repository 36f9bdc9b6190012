import { maxRequestsPerPlan } from '../generator/load-plan.ts';
import { LabError } from '../lab-error.ts';
import type { RunPlan, TargetPlan } from '../result/experiment-plan.ts';

/** Which modes of the server an experiment is for. */
export type ModeChoice = 'inline' | 'pool' | 'both';

/** The server in the chosen modes, inline first, with the same settings besides. */
export function createModeTargets(
  mode: ModeChoice,
  settings: Readonly<Record<string, string>>,
): TargetPlan[] {
  const modes = mode === 'both' ? (['inline', 'pool'] as const) : [mode];
  return modes.map((name) => ({ name, settings: { ...settings, COMPUTE_MODE: name } }));
}

/** One run of each target at each level. Targets take turns in going first, so that what drifts with time favours neither. */
export function createModeRuns(
  targets: readonly TargetPlan[],
  levels: readonly number[],
  times: Pick<RunPlan, 'warmupMs' | 'measureMs' | 'drainMs'>,
): RunPlan[] {
  return levels.flatMap((offeredLoad, position) => {
    const order = position % 2 === 0 ? targets : targets.toReversed();
    return order.map(({ name: target }) => ({
      id: `${target} ${offeredLoad} 1`,
      target,
      repetition: 1,
      offeredLoad,
      ...times,
    }));
  });
}

/** Throws a {@link LabError} when so many virtual users can send more requests in that time than one run holds. */
export function checkRequestCount(users: number, thinkTimeMs: number, durationMs: number): void {
  const requests = users * Math.ceil(durationMs / thinkTimeMs);
  if (requests <= maxRequestsPerPlan) return;
  throw new LabError(
    `${users} virtual users come to ${requests} requests in ${durationMs / 1000} s, and a run holds ` +
      `${maxRequestsPerPlan}: ask for fewer users or less time`,
    2,
  );
}
