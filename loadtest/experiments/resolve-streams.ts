import type { StreamPlan } from '../generator/load-plan.ts';
import { createRandom } from '../generator/random.ts';
import type { ScheduleSpec } from '../generator/schedule.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';

/**
 * The streams of a run, with their schedules. One whose rate or users follow from the offered load is left out
 * when there is none. A round, one load and repetition, has the same schedules whatever the target, and no other round has.
 */
export function resolveStreams(
  { streams, seed }: Pick<ExperimentPlan, 'streams' | 'seed'>,
  run: Pick<RunPlan, 'offeredLoad' | 'repetition'>,
  serviceTimeMs: number,
): StreamPlan[] {
  return streams.flatMap(({ arrivalRate, arrivals, ...stream }, position): StreamPlan[] => {
    if (arrivalRate.kind !== 'fixed' && run.offeredLoad === 0) return [];
    if (arrivalRate.kind === 'virtual-users') {
      return [{ ...stream, schedule: { ...arrivalRate, users: run.offeredLoad } }];
    }
    const own = deriveSeed(seed, run.offeredLoad, run.repetition, position);
    const arrivalRatePerSec =
      arrivalRate.kind === 'fixed'
        ? arrivalRate.perSec
        : toArrivalRatePerSec(run.offeredLoad, serviceTimeMs);
    const schedule: ScheduleSpec =
      arrivals === 'poisson'
        ? { kind: 'poisson', arrivalRatePerSec, seed: own }
        : // Each begins at another moment in every round, so that none always leaves right behind another.
          {
            kind: 'constant',
            arrivalRatePerSec,
            phaseMs: createRandom(own)() * (1000 / arrivalRatePerSec),
          };
    return [{ ...stream, schedule }];
  });
}

/** The rate at which calls of `serviceTimeMs` make up the offered load ρ: ρ ÷ c. */
export function toArrivalRatePerSec(offeredLoad: number, serviceTimeMs: number): number {
  return (offeredLoad * 1000) / serviceTimeMs;
}

/** A seed for one stream of one round. Loads are told apart to a thousandth. */
function deriveSeed(seed: number, load: number, repetition: number, position: number): number {
  const parts = [seed, Math.round(load * 1000), repetition, position];
  return parts.reduce((mixed, part) => Math.floor(createRandom(mixed + part)() * 2 ** 32), 0);
}
