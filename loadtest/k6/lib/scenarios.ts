import type { Scenario } from 'k6/options';
import { gracefulStop } from './settings.ts';

/** Requests of one kind at a constant rate. */
export interface Load {
  /** Of the scenario and of the function of the script that it runs. */
  readonly name: string;
  readonly perSec: number;
}

// Fractional parts of its multiples are spread as evenly as can be, for any number of scenarios.
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * A scenario that starts iterations at a constant rate whatever becomes of those before. As many virtual users
 * are made beforehand as can be waiting for answers at once while none takes longer than `longestAnswerMs` (Little's
 * law: rate × time), and no more later, because making one costs what is being measured. When all of them
 * are waiting, k6 drops the iteration for good and counts it.
 */
export function createArrivals(
  { name, perSec }: Load,
  position: number,
  durationMs: number,
  longestAnswerMs: number,
): Scenario {
  const virtualUsers = Math.max(1, Math.ceil((perSec * longestAnswerMs) / 1000));
  // Each begins at another fraction of its interval, so that none always leaves right behind another.
  const phaseMs = (((position + 1) * goldenRatio) % 1) * (1000 / perSec);
  return {
    executor: 'constant-arrival-rate',
    exec: name,
    // Rates have to be whole numbers, and the lab's are not.
    rate: Math.round(perSec * 1000),
    timeUnit: '1000s',
    startTime: `${phaseMs.toFixed(3)}ms`,
    duration: `${durationMs}ms`,
    preAllocatedVUs: virtualUsers,
    maxVUs: virtualUsers,
    gracefulStop,
  };
}
