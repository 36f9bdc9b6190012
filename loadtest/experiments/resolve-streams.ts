import type { StreamPlan } from '../generator/load-plan.ts';
import type { ScheduleSpec } from '../generator/schedule.ts';
import type { RunPlan, StreamTemplate } from '../result/experiment-plan.ts';

// Fractional parts of its multiples are spread as evenly as can be, for any number of streams.
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * The streams of a run, with their schedules. One whose rate or users follow from the offered load is left out
 * when there is none. The same repetition gets the same schedule whatever its target.
 */
export function resolveStreams(
  templates: readonly StreamTemplate[],
  run: Pick<RunPlan, 'offeredLoad' | 'repetition'>,
  serviceTimeMs: number,
): StreamPlan[] {
  return templates.flatMap(({ arrivalRate, arrivals, ...stream }, position): StreamPlan[] => {
    if (arrivalRate.kind !== 'fixed' && run.offeredLoad === 0) return [];
    if (arrivalRate.kind === 'virtual-users') {
      return [{ ...stream, schedule: { ...arrivalRate, users: run.offeredLoad } }];
    }
    const arrivalRatePerSec =
      arrivalRate.kind === 'fixed'
        ? arrivalRate.perSec
        : toArrivalRatePerSec(run.offeredLoad, serviceTimeMs);
    const schedule: ScheduleSpec =
      arrivals === 'poisson'
        ? { kind: 'poisson', arrivalRatePerSec, seed: 100 * run.repetition + position }
        : // Each begins at another fraction of its interval, so that none always leaves right behind another.
          {
            kind: 'constant',
            arrivalRatePerSec,
            phaseMs: (((position + 1) * goldenRatio) % 1) * (1000 / arrivalRatePerSec),
          };
    return [{ ...stream, schedule }];
  });
}

/** The rate at which calls of `serviceTimeMs` make up the offered load ρ: ρ ÷ c. */
export function toArrivalRatePerSec(offeredLoad: number, serviceTimeMs: number): number {
  return (offeredLoad * 1000) / serviceTimeMs;
}
