import { originalThinkTimeMs } from '../analysis/original-experiment.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { planShortCalibration } from './calibration-plan.ts';
import { defaultContrastSettings } from './contrast-plan.ts';
import { checkRequestCount, createModeTargets, type ModeChoice } from './mode-plan.ts';
import { countRepeatable } from './repeatable-rounds.ts';
import { createRounds } from './rounds.ts';

/** What a user may choose about the original experiment. */
export interface SeedSettings {
  readonly mode: ModeChoice;
  /** Numbers of virtual users, a test each. */
  readonly virtualUsers: readonly number[];
  readonly measureMs: number;
  /** The server's own settings, the same for both modes. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/** The defaults of {@link SeedSettings}: the original's three tests, on both modes in three minutes. */
export const defaultSeedSettings: SeedSettings = {
  mode: 'both',
  virtualUsers: [50, 100, 300],
  measureMs: 30_000,
  targetSettings: {},
};

/** What `--beyond` adds. */
export const virtualUsersBeyond: readonly number[] = [1000, 5000, 10_000];

/** As k6 has them, so that the two can be compared: a request is given up after a minute, a test waits half of one. */
const timeoutMs = 60_000;
const drainMs = 30_000;

/**
 * The original experiment on each mode: virtual users ask for GET /users, wait for the answer and sleep for a second,
 * from the first moment of a server that has just started. Throws a `LabError` when that is more than one run holds.
 */
export function createSeedPlan(settings: SeedSettings): ExperimentPlan {
  const { mode, virtualUsers, measureMs, targetSettings } = settings;
  checkRequestCount(Math.max(...virtualUsers), originalThinkTimeMs, measureMs);
  const targets = createModeTargets(mode, targetSettings);
  const levels = virtualUsers.map((offeredLoad) => ({ offeredLoad, rounds: 1, measureMs }));
  const runs = createRounds(levels, targets, { warmupMs: 0, drainMs });
  return {
    targets,
    // Nothing is drawn: the answers decide when a user sends.
    seed: 0,
    openingPath: '/health',
    loadUnit: 'virtual users',
    calibration: planShortCalibration(targets.at(-1)?.name ?? ''),
    streams: [
      {
        name: 'users',
        method: 'GET',
        path: '/users',
        connection: { kind: 'on-demand' },
        timeoutMs,
        arrivals: 'constant',
        arrivalRate: { kind: 'virtual-users', thinkTimeMs: originalThinkTimeMs },
      },
    ],
    // Users that begin together stay together: in each block there is one request of everybody.
    blockMs: originalThinkTimeMs,
    sloP99Ms: defaultContrastSettings.sloP99Ms,
    task: null,
    runs,
    maxRepeatedRounds: countRepeatable(runs),
  };
}
