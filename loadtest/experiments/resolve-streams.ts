import type { StreamPlan } from '../generator/load-plan.ts';
import type { RunPlan, StreamTemplate } from '../result/experiment-plan.ts';

// Fractional parts of its multiples are spread as evenly as can be, for any number of streams.
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * The streams of a run, with their rates. One whose rate follows from the offered load is left out when
 * there is none. Every stream begins at another fraction of its interval, so that none always leaves
 * right behind another.
 */
export function resolveStreams(
  templates: readonly StreamTemplate[],
  run: Pick<RunPlan, 'offeredLoad'>,
  serviceTimeMs: number,
): StreamPlan[] {
  return templates.flatMap(({ arrivalRate, ...stream }, position) => {
    const arrivalRatePerSec =
      arrivalRate.kind === 'fixed'
        ? arrivalRate.perSec
        : toArrivalRatePerSec(run.offeredLoad, serviceTimeMs);
    if (arrivalRatePerSec === 0) return [];
    const phaseMs = (((position + 1) * goldenRatio) % 1) * (1000 / arrivalRatePerSec);
    return [{ ...stream, schedule: { kind: 'constant' as const, arrivalRatePerSec, phaseMs } }];
  });
}

/** The rate at which calls of `serviceTimeMs` make up the offered load ρ: ρ ÷ c. */
export function toArrivalRatePerSec(offeredLoad: number, serviceTimeMs: number): number {
  return (offeredLoad * 1000) / serviceTimeMs;
}
