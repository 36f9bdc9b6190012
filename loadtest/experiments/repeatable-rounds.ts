import type { RunPlan } from '../result/experiment-plan.ts';

/** What makes up a round: all targets, one after the other, at one load under the same arrivals. */
export function roundOf({
  offeredLoad,
  repetition,
}: Pick<RunPlan, 'offeredLoad' | 'repetition'>): string {
  return `${offeredLoad} ${repetition}`;
}

/** How many rounds may be made again. Neighbours spoil one now and then; more than a quarter is a busy machine. */
export function countRepeatable(runs: readonly RunPlan[]): number {
  return Math.ceil(new Set(runs.map(roundOf)).size / 4);
}
