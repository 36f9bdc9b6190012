import type { RunPlan, TargetPlan } from '../result/experiment-plan.ts';

/** One load, how often and for how long it is measured. */
export interface Level {
  readonly offeredLoad: number;
  readonly rounds: number;
  readonly measureMs: number;
}

/**
 * Round by round, and in each the loads upwards. Within a load the targets take turns in going first (AB, BA, AB …), so
 * that what drifts with time favours neither.
 */
export function createRounds(
  levels: readonly Level[],
  targets: readonly TargetPlan[],
  { warmupMs, drainMs }: Pick<RunPlan, 'warmupMs' | 'drainMs'>,
): RunPlan[] {
  const mostRounds = Math.max(0, ...levels.map(({ rounds }) => rounds));
  return Array.from({ length: mostRounds }, (_, index) => index + 1).flatMap((repetition) =>
    levels.flatMap(({ offeredLoad, rounds, measureMs }, position) => {
      if (repetition > rounds) return [];
      const order = (repetition + position) % 2 === 1 ? targets : targets.toReversed();
      return order.map(({ name }) => ({
        id: `${name} ${offeredLoad} ${repetition}`,
        target: name,
        repetition,
        offeredLoad,
        warmupMs,
        measureMs,
        drainMs,
      }));
    }),
  );
}
