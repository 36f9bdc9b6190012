import {
  createContrastPlan,
  defaultContrastSettings,
} from '../../loadtest/experiments/contrast-plan.ts';
import type { LabResult } from '../../loadtest/result/result.ts';
import { simulateContrast } from './simulated-contrast.ts';

const callMs = 9;

/** A contrast from simulated servers: three loads, two targets, four runs of two seconds each. */
export function createReportExample(): LabResult {
  // Nothing of the defaults that what is rendered could depend on.
  const plan = createContrastPlan(
    {
      ...defaultContrastSettings,
      levels: [0, 0.6, 1.2],
      areLevelsFixed: true,
      repeats: 4,
      measureMs: 2000,
      warmupMs: 1000,
      usersPerSec: 200,
      newcomersPerSec: 40,
      createPerSec: 20,
      healthPerSec: 20,
      arrivals: 'poisson',
      seed: 1,
    },
    callMs,
  );
  return simulateContrast('contrast', plan, { callMs, noiseSeed: 1 });
}
