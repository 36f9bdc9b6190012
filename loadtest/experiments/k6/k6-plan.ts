import type {
  CalibrationPlan,
  ExperimentPlan,
  LoadUnit,
  StreamTemplate,
} from '../../result/experiment-plan.ts';
import { planCalibration, planShortCalibration } from '../calibration-plan.ts';
import { createContrastPlan, defaultContrastSettings } from '../contrast-plan.ts';
import { createModeTargets, type ModeChoice } from '../mode-plan.ts';
import { createRounds } from '../rounds.ts';

/** What a user may choose about a run of k6. */
export interface K6Settings {
  readonly mode: ModeChoice;
  /** Loads in the unit of the plan: virtual users, or multiples of what one thread can do. */
  readonly levels: readonly number[];
  /** How many processes of each target are measured at each load. */
  readonly repeats: number;
  readonly measureMs: number;
  readonly warmupMs: number;
  readonly sloP99Ms: number;
  /** The server's own settings, the same for both targets. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/** What the mixed load has besides. */
export interface K6MixedSettings extends K6Settings {
  readonly usersPerSec: number;
  readonly newcomersPerSec: number;
  readonly createPerSec: number;
  readonly healthPerSec: number;
}

/** The defaults of the baseline: the three loads of half a minute that the project began with, on a server just started. */
export const defaultBaselineSettings: K6Settings = {
  mode: 'both',
  levels: [50, 100, 300],
  repeats: 1,
  measureMs: 30_000,
  warmupMs: 0,
  sloP99Ms: defaultContrastSettings.sloP99Ms,
  targetSettings: {},
};

/** The defaults of the mixed load: a load that both modes carry, with the contrast's rates. */
export const defaultMixedSettings: K6MixedSettings = {
  ...defaultBaselineSettings,
  levels: [0.6],
  repeats: 3,
  measureMs: 5000,
  warmupMs: 1500,
  usersPerSec: defaultContrastSettings.usersPerSec,
  newcomersPerSec: defaultContrastSettings.newcomersPerSec,
  createPerSec: defaultContrastSettings.createPerSec,
  healthPerSec: defaultContrastSettings.healthPerSec,
};

/** k6 has no arrivals but constant ones, so nothing is drawn. */
const seed = 0;

/** `GET /users`, then a second of thinking, and again: what each of the baseline's virtual users does. */
const virtualUsers: StreamTemplate = {
  name: 'users',
  method: 'GET',
  path: '/users',
  connection: { kind: 'on-demand' },
  timeoutMs: 30_000,
  arrivals: 'constant',
  arrivalRate: { kind: 'virtual-users', thinkTimeMs: 1000 },
};

/** Virtual users against each mode, in a closed loop. */
export function createBaselinePlan(settings: K6Settings): ExperimentPlan {
  return createPlan(settings, planShortCalibration, 'virtual users', [virtualUsers]);
}

/** The contrast's streams, each at its constant rate, against each mode. */
export function createMixedPlan(settings: K6MixedSettings): ExperimentPlan {
  const { streams } = createContrastPlan({
    ...defaultContrastSettings,
    ...settings,
    areLevelsFixed: true,
    seed,
    arrivals: 'constant',
  });
  return createPlan(settings, planCalibration, 'threads', streams);
}

function createPlan(
  { mode, levels, repeats, measureMs, warmupMs, sloP99Ms, targetSettings }: K6Settings,
  planCalibrationOf: (target: string) => CalibrationPlan,
  loadUnit: LoadUnit,
  streams: StreamTemplate[],
): ExperimentPlan {
  const targets = createModeTargets(mode, targetSettings);
  return {
    targets,
    seed,
    openingPath: '/health',
    loadUnit,
    calibration: planCalibrationOf(targets.at(-1)?.name ?? ''),
    streams,
    blockMs: 500,
    sloP99Ms,
    task: null,
    runs: createRounds(
      levels.map((offeredLoad) => ({ offeredLoad, rounds: repeats, measureMs })),
      targets,
      // k6 waits until the oldest request has reached its timeout, and so leaves none unanswered.
      { warmupMs, drainMs: virtualUsers.timeoutMs },
    ),
    // What spoils a run of k6 is a want of virtual users, and another try has no more of them.
    maxRepeatedRounds: 0,
  };
}
