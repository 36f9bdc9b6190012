import type { RunPlan } from '../result/experiment-plan.ts';

/** How many of these runs may be made again. Neighbours spoil one now and then; more than a quarter is a busy machine. */
export function countRepeatable(runs: readonly RunPlan[]): number {
  return Math.ceil(runs.length / 4);
}
