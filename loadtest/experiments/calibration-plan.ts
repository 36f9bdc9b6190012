import type { CalibrationPlan } from '../result/experiment-plan.ts';

/** For experiments whose loads are made of the service time that it finds. */
export function planCalibration(target: string): CalibrationPlan {
  return { target, rounds: 3, warmupCalls: 10, calls: 40, maxMs: 6000 };
}

/** For experiments in which nothing computes: it says what machine this was, as in every result. */
export function planShortCalibration(target: string): CalibrationPlan {
  return { target, rounds: 1, warmupCalls: 5, calls: 10, maxMs: 2000 };
}
