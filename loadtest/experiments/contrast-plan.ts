import type {
  ExperimentPlan,
  RunPlan,
  StreamTemplate,
  TargetPlan,
} from '../result/experiment-plan.ts';
import { planCalibration } from './calibration-plan.ts';
import { countRepeatable } from './repeatable-runs.ts';

/** What a user may choose about a contrast. */
export interface ContrastSettings {
  /** Compute loads, each as a multiple of what one thread can do, in the order they are measured. */
  readonly levels: readonly number[];
  /** How many processes of each target are measured at each load. */
  readonly repeats: number;
  readonly measureMs: number;
  readonly warmupMs: number;
  readonly drainMs: number;
  readonly usersPerSec: number;
  readonly createPerSec: number;
  readonly healthPerSec: number;
  /** How `/compute` requests arrive. */
  readonly arrivals: StreamTemplate['arrivals'];
  readonly sloP99Ms: number;
  /** The user's own task, and the JSON text it is given; undefined: the built-in sum. */
  readonly task: { readonly path: string; readonly input: string } | undefined;
  /** The server's own settings, the same for both targets. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/**
 * The defaults of {@link ContrastSettings}: below a minute and a half. Three short repeats and not two longer ones,
 * because what one process happens to do differs more than what one second does.
 */
export const defaultContrastSettings: ContrastSettings = {
  levels: [0, 0.5, 0.9, 1.2],
  repeats: 3,
  measureMs: 2000,
  warmupMs: 500,
  drainMs: 10_000,
  usersPerSec: 200,
  createPerSec: 20,
  healthPerSec: 20,
  arrivals: 'poisson',
  sloP99Ms: 50,
  task: undefined,
  targetSettings: {},
};

/** What `--quick` makes of them: one look at both ends of the ladder, below 25 seconds. */
export const quickContrastSettings: ContrastSettings = {
  ...defaultContrastSettings,
  levels: [0, 1.2],
  repeats: 1,
};

/** Inline against pool under the same offered loads. */
export function createContrastPlan(settings: ContrastSettings): ExperimentPlan {
  return createPlan(settings, [
    { name: 'inline', settings: { COMPUTE_MODE: 'inline' } },
    { name: 'pool', settings: { COMPUTE_MODE: 'pool' } },
  ]);
}

/** One mode against itself: whatever differs is noise. */
export function createAaPlan(settings: ContrastSettings, mode: 'inline' | 'pool'): ExperimentPlan {
  return createPlan(settings, [
    { name: `${mode}-a`, settings: { COMPUTE_MODE: mode } },
    { name: `${mode}-b`, settings: { COMPUTE_MODE: mode } },
  ]);
}

function createPlan(settings: ContrastSettings, targets: readonly TargetPlan[]): ExperimentPlan {
  const task = settings.task;
  const common = {
    ...settings.targetSettings,
    ...(task !== undefined && { COMPUTE_TASK: task.path }),
  };
  const runs = createRuns(settings, targets);
  return {
    targets: targets.map(({ name, settings }) => ({ name, settings: { ...common, ...settings } })),
    loadUnit: 'threads',
    calibration: planCalibration(targets.at(-1)?.name ?? ''),
    streams: createStreams(settings),
    blockMs: 500,
    sloP99Ms: settings.sloP99Ms,
    task: task?.path ?? null,
    runs,
    maxRepeatedRuns: countRepeatable(runs),
  };
}

/**
 * Load by load upwards, and over again for every repetition. Within a load the targets take turns in going
 * first (AB, BA, AB …), so that what drifts with time favours neither.
 */
function createRuns(
  { levels, repeats, warmupMs, measureMs, drainMs }: ContrastSettings,
  targets: readonly TargetPlan[],
): RunPlan[] {
  const times = { warmupMs, measureMs, drainMs };
  return Array.from({ length: repeats }, (_, index) => index + 1).flatMap((repetition) =>
    levels.flatMap((offeredLoad, position) => {
      const order = (repetition + position) % 2 === 1 ? targets : targets.toReversed();
      return order.map(({ name }) => ({
        id: `${name} ${offeredLoad} ${repetition}`,
        target: name,
        repetition,
        offeredLoad,
        ...times,
      }));
    }),
  );
}

function createStreams(settings: ContrastSettings): StreamTemplate[] {
  const timeoutMs = 30_000;
  const cheap = { timeoutMs, arrivals: 'constant' } as const;
  const compute = { timeoutMs, arrivals: settings.arrivals, path: '/compute' } as const;
  return [
    {
      ...cheap,
      name: 'users',
      method: 'GET',
      path: '/users',
      connection: 'keep-alive',
      arrivalRate: { kind: 'fixed', perSec: settings.usersPerSec },
    },
    {
      ...cheap,
      name: 'create',
      method: 'POST',
      path: '/users',
      body: JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' }),
      connection: 'keep-alive',
      arrivalRate: { kind: 'fixed', perSec: settings.createPerSec },
    },
    {
      ...cheap,
      name: 'health',
      method: 'GET',
      path: '/health',
      connection: 'new',
      arrivalRate: { kind: 'fixed', perSec: settings.healthPerSec },
    },
    {
      ...compute,
      name: 'compute',
      connection: 'keep-alive',
      arrivalRate: { kind: 'offered-load' },
      ...(settings.task === undefined
        ? { method: 'GET' as const }
        : { method: 'POST' as const, body: settings.task.input }),
    },
  ];
}
