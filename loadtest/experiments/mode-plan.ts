import { maxRequestsPerPlan } from '../generator/load-plan.ts';
import { LabError } from '../lab-error.ts';
import type { TargetPlan } from '../result/experiment-plan.ts';

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
