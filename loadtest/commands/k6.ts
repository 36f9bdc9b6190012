import { countConnections } from '../experiments/count-connections.ts';
import { createBaselinePlan, createMixedPlan } from '../experiments/k6/k6-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { deliverK6 } from './deliver-k6.ts';
import {
  type K6BaselineOptions,
  type K6MixedOptions,
  toBaselineSettings,
  toMixedSettings,
} from './k6-options.ts';

/** `lab k6 baseline`: virtual users from k6; saves, prints and resolves with the exit code. */
export async function k6Baseline(lab: LabContext, options: K6BaselineOptions): Promise<number> {
  const plan = createBaselinePlan(toBaselineSettings(options));
  checkOpenFileLimit(countConnections(plan), '--vus');
  // The load itself says how many virtual users there are.
  const choice = {
    script: 'baseline',
    usersP99LimitMs: options.slo,
    maxVirtualUsers: Number.POSITIVE_INFINITY,
  } as const;
  return await deliverK6(lab, { experiment: 'k6 baseline', plan, choice }, options);
}

/** `lab k6 mixed`: constant rates from k6; saves, prints and resolves with the exit code. */
export async function k6Mixed(lab: LabContext, options: K6MixedOptions): Promise<number> {
  const plan = createMixedPlan(toMixedSettings(options));
  // A connection for each of k6's users, however many requests there are.
  checkOpenFileLimit(options.maxVus, '--max-vus');
  const choice = {
    script: 'mixed',
    usersP99LimitMs: options.slo,
    maxVirtualUsers: options.maxVus,
  } as const;
  return await deliverK6(lab, { experiment: 'k6 mixed', plan, choice }, options);
}
