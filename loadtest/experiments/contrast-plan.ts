import { LabError } from '../lab-error.ts';
import type { ExperimentPlan, StreamTemplate, TargetPlan } from '../result/experiment-plan.ts';
import { planCalibration } from './calibration-plan.ts';
import { countRepeatable } from './repeatable-rounds.ts';
import { createRounds, type Level } from './rounds.ts';

/** What a user may choose about a contrast. */
export interface ContrastSettings {
  /** Compute loads, each as a multiple of what one thread can do, in the order they are measured. */
  readonly levels: readonly number[];
  /** Whether the user named the levels; others may be lowered when the task is slow. */
  readonly areLevelsFixed: boolean;
  /** Rounds at each load; undefined: by load. */
  readonly repeats: number | undefined;
  /** undefined: by load and by what one call takes. */
  readonly measureMs: number | undefined;
  /** Fewer and shorter rounds: honest, and wide. */
  readonly isQuick: boolean;
  readonly warmupMs: number;
  readonly drainMs: number;
  readonly usersPerSec: number;
  readonly newcomersPerSec: number;
  readonly createPerSec: number;
  readonly healthPerSec: number;
  /** How `/compute` requests arrive. */
  readonly arrivals: StreamTemplate['arrivals'];
  /** Where all arrivals come from. */
  readonly seed: number;
  readonly sloP99Ms: number;
  /** The user's own task, and the JSON texts it is given in turn; undefined: the built-in sum. */
  readonly task: { readonly path: string; readonly inputs: readonly string[] } | undefined;
  /** The server's own settings, the same for both targets. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/** The defaults of {@link ContrastSettings}, about 95 s on two cores. */
export const defaultContrastSettings: Omit<ContrastSettings, 'seed'> = {
  levels: [0, 0.6, 1.2],
  areLevelsFixed: false,
  repeats: undefined,
  measureMs: undefined,
  isQuick: false,
  warmupMs: 500,
  drainMs: 10_000,
  usersPerSec: 200,
  newcomersPerSec: 40,
  createPerSec: 20,
  healthPerSec: 10,
  arrivals: 'poisson',
  sloP99Ms: 50,
  task: undefined,
  targetSettings: {},
};

/** What `--quick` makes of them: a steady load and an overload, in half a minute. */
export const quickContrastSettings: Omit<ContrastSettings, 'seed'> = {
  ...defaultContrastSettings,
  levels: [0.6, 1.2],
  isQuick: true,
};

/** What one call takes where it has not been measured yet: about the built-in sum. */
const assumedServiceTimeMs = 10;

/** Share of the event loop that the cheap requests take by themselves: 0.14 to 0.18 at load 0 where this was measured. */
const cheapUtilization = 0.15;

/** A window of 20 relaxation times, c ÷ (1 − ρ)², shows p95 and p99 to 5 % (in simulation; Abate and Whitt 1987 on the time). */
const relaxationTimes = 20;

/** A window this many times too short is still long enough: the bias grows slowly. */
const almost = 1.25;

/** Calls in a window of overload: with so many the growth of four rounds is told from none. */
const callsOfOverload = 180;

/** Nobody waits for longer windows by default; `--duration` makes them. */
const longestWindowMs = 15_000;

/** Below this a steady load says nothing that could not be said of an idle server. */
const lowestSteadyLevel = 0.2;

/** More computations a second than this are a load test of HTTP, and of the generator. */
export const maxComputePerSec = 2000;

/** Kept connections of a stream, at most: more than any of its requests need at once unless the target is far behind. */
const maxKeptConnections = 256;

const openingPath = '/health';

/** Inline against pool under the same offered loads; `serviceTimeMs` is what one call takes, once that is known. */
export function createContrastPlan(
  settings: ContrastSettings,
  serviceTimeMs = assumedServiceTimeMs,
): ExperimentPlan {
  return createPlan(settings, serviceTimeMs, [
    { name: 'inline', settings: { COMPUTE_MODE: 'inline' } },
    { name: 'pool', settings: { COMPUTE_MODE: 'pool' } },
  ]);
}

/** One mode against itself: whatever differs is noise. */
export function createAaPlan(
  settings: ContrastSettings,
  mode: 'inline' | 'pool',
  serviceTimeMs = assumedServiceTimeMs,
): ExperimentPlan {
  return createPlan(settings, serviceTimeMs, [
    { name: `${mode}-a`, settings: { COMPUTE_MODE: mode } },
    { name: `${mode}-b`, settings: { COMPUTE_MODE: mode } },
  ]);
}

function createPlan(
  settings: ContrastSettings,
  serviceTimeMs: number,
  targets: readonly TargetPlan[],
): ExperimentPlan {
  const { task, seed, sloP99Ms } = settings;
  const common = {
    ...settings.targetSettings,
    ...(task !== undefined && { COMPUTE_TASK: task.path }),
  };
  const levels = settings.levels
    .filter((load) => (load * 1000) / serviceTimeMs <= maxComputePerSec)
    .map((load) => planLevel(settings, load, serviceTimeMs));
  // Of a task that is too short for every load that was asked for, an idle server says nothing.
  const isTooShort =
    settings.levels.some((load) => load > 0) &&
    levels.every(({ offeredLoad }) => offeredLoad === 0);
  const runs = isTooShort ? [] : createRounds(levels, targets, settings);
  return {
    targets: targets.map(({ name, settings }) => ({ name, settings: { ...common, ...settings } })),
    seed,
    openingPath,
    loadUnit: 'threads',
    calibration: planCalibration(targets.at(-1)?.name ?? ''),
    streams: createStreams(settings, levels, serviceTimeMs),
    blockMs: 500,
    sloP99Ms,
    task: task?.path ?? null,
    runs,
    maxRepeatedRounds: countRepeatable(runs),
  };
}

/**
 * How one load is measured, unless the user says: as often as the interval needs, and for long enough that a window
 * shows the queue that belongs to it. Throws a {@link LabError} when a task is so slow that no window would.
 */
function planLevel(settings: ContrastSettings, load: number, serviceTimeMs: number): Level {
  const { isQuick, repeats, measureMs } = settings;
  const isSteadyLevel = load > 0 && load < 1;
  const rounds = repeats ?? (isQuick ? 3 : isSteadyLevel ? 8 : 4);
  if (measureMs !== undefined) return { offeredLoad: load, rounds, measureMs };
  if (load === 0) return { offeredLoad: load, rounds, measureMs: 1000 };
  const leastMs = isQuick ? 1000 : isSteadyLevel ? 2500 : 1500;
  const neededMs = isSteadyLevel
    ? windowForSteadyState(load, serviceTimeMs) / (isQuick ? 2 : 1)
    : callsOfOverload * serviceTimeMs;
  const windowMs =
    neededMs <= almost * leastMs
      ? leastMs
      : Math.min(longestWindowMs, Math.ceil(neededMs / 500) * 500);
  if (!isSteadyLevel || settings.areLevelsFixed || neededMs <= longestWindowMs) {
    return { offeredLoad: load, rounds, measureMs: windowMs };
  }
  const bearable =
    1 - Math.sqrt((relaxationTimes * serviceTimeMs) / longestWindowMs) - cheapUtilization;
  if (bearable < lowestSteadyLevel) throw tooSlow(serviceTimeMs, rounds);
  return { offeredLoad: Math.floor(bearable * 20) / 20, rounds, measureMs: windowMs };
}

/** The window that shows a steady state at a load, in milliseconds; infinite where the cheap requests leave none. */
export function windowForSteadyState(load: number, serviceTimeMs: number): number {
  const free = 1 - load - cheapUtilization;
  return free <= 0 ? Number.POSITIVE_INFINITY : (relaxationTimes * serviceTimeMs) / free ** 2;
}

function tooSlow(serviceTimeMs: number, rounds: number): LabError {
  const windowSec = Math.ceil(windowForSteadyState(lowestSteadyLevel, serviceTimeMs) / 1000);
  const minutes = Math.ceil((2 * rounds * (windowSec + 1)) / 60);
  return new LabError(
    `one call takes ${(serviceTimeMs / 1000).toFixed(2)} s: to show a steady state even at a load of ${lowestSteadyLevel}, windows have to ` +
      `be ${windowSec} s long: ask for --levels ${lowestSteadyLevel} --duration ${windowSec} (about ${minutes} min)`,
    2,
  );
}

function createStreams(
  settings: ContrastSettings,
  levels: readonly Level[],
  serviceTimeMs: number,
): StreamTemplate[] {
  const { task, warmupMs } = settings;
  const timeoutMs = 30_000;
  const longestSec = (warmupMs + Math.max(0, ...levels.map(({ measureMs }) => measureMs))) / 1000;
  const highest = Math.max(0, ...levels.map(({ offeredLoad }) => offeredLoad));
  const cheap = { timeoutMs, arrivals: 'constant' } as const;
  // A connection for each request of a run would never be waited for; beyond the bound that is counted.
  const keep = (perSec: number) => ({
    kind: 'kept' as const,
    connections: Math.min(maxKeptConnections, Math.max(1, Math.ceil(perSec * longestSec))),
  });
  const fixed = (perSec: number) => ({ kind: 'fixed' as const, perSec });
  return [
    {
      ...cheap,
      name: 'users',
      method: 'GET',
      path: '/users',
      connection: keep(settings.usersPerSec),
      arrivalRate: fixed(settings.usersPerSec),
    },
    {
      ...cheap,
      name: 'newcomers',
      method: 'GET',
      path: '/users',
      connection: { kind: 'new' },
      arrivalRate: fixed(settings.newcomersPerSec),
    },
    {
      ...cheap,
      name: 'create',
      method: 'POST',
      path: '/users',
      bodies: [JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' })],
      connection: keep(settings.createPerSec),
      arrivalRate: fixed(settings.createPerSec),
    },
    {
      ...cheap,
      name: 'health',
      method: 'GET',
      path: '/health',
      connection: { kind: 'new' },
      arrivalRate: fixed(settings.healthPerSec),
    },
    {
      timeoutMs,
      arrivals: settings.arrivals,
      name: 'compute',
      path: '/compute',
      connection: keep((highest * 1000) / serviceTimeMs),
      arrivalRate: { kind: 'offered-load' },
      ...(task === undefined
        ? { method: 'GET' as const }
        : { method: 'POST' as const, bodies: [...task.inputs] }),
    },
  ];
}
