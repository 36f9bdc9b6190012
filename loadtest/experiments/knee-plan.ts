import { predictKnee } from '../analysis/knee.ts';
import type { SearchSpace } from '../analysis/knee-search.ts';
import { judgedStream } from '../analysis/levels.ts';
import { LabError } from '../lab-error.ts';
import type { ExperimentPlan, RunPlan, TargetPlan } from '../result/experiment-plan.ts';
import type { RunResult } from '../result/result.ts';
import { countNeeded } from '../stats/percentile.ts';
import { maxComputePerSec } from './contrast-plan.ts';

/** How the knee is searched for. */
export interface KneeSettings {
  /** A search ends when its bracket is no wider than this share of the lower end; where loads stay undecided, twice that on either side of them. */
  readonly resolution: number;
  readonly lowestLoad: number;
  /** Times the number of threads: where the search gives up looking higher. */
  readonly highestLoadPerThread: number;
  /** Runs per target at most, repeated ones included. */
  readonly maxRuns: number;
  readonly measureMs: number;
  readonly warmupMs: number;
  readonly drainMs: number;
}

/** The defaults of {@link KneeSettings}. */
export const defaultKneeSettings: KneeSettings = {
  resolution: 0.05,
  lowestLoad: 0.05,
  highestLoadPerThread: 1.5,
  maxRuns: 60,
  measureMs: 2000,
  warmupMs: 500,
  drainMs: 1000,
};

// A window in which a thread could not finish this many calls says nothing about a rate.
const minCallsPerWindow = 20;
// Of the prediction, which leaves nothing for HTTP and for waiting.
const startToPredicted = 0.7;
/** With seldom requests a window long enough for their p99 would be longer than anybody waits, twenty or thirty times. */
const longestWindowMs = 30_000;

/** Where to search, given what the server says of itself and what one call costs. */
export function createSearchSpace(
  settings: KneeSettings,
  server: Pick<RunResult['server'], 'mode' | 'threads'>,
  cores: number,
  serviceTimeMs: number,
): SearchSpace {
  const { resolution, maxRuns } = settings;
  const threads = server.mode === 'inline' ? 1 : Math.max(1, server.threads);
  const highest = Math.min(
    settings.highestLoadPerThread * threads,
    (maxComputePerSec * serviceTimeMs) / 1000,
  );
  return {
    lowest: Math.min(settings.lowestLoad, highest / 2),
    highest,
    start: startToPredicted * predictKnee(server, cores),
    resolution,
    maxRuns,
  };
}

/** What a target will say of itself, before it has run: its settings, else what the server does without them. */
export function guessServer(
  { settings }: TargetPlan,
  cores: number,
): Pick<RunResult['server'], 'mode' | 'threads'> {
  const mode = settings.COMPUTE_MODE ?? 'pool';
  return { mode, threads: Number(settings.POOL_THREADS ?? cores) };
}

/**
 * The settings with windows that hold enough requests of the judged stream for a p99 each. Throws a {@link LabError}
 * when they would have to be too long.
 */
export function widenWindows(
  settings: KneeSettings,
  { streams }: Pick<ExperimentPlan, 'streams'>,
): KneeSettings {
  const rate = streams.find(({ name }) => name === judgedStream)?.arrivalRate;
  const perSec = rate?.kind === 'fixed' ? rate.perSec : 0;
  const needed = countNeeded(99);
  const windowMs = Math.ceil((needed * 1000) / perSec);
  if (windowMs > longestWindowMs) {
    const least = Math.ceil((needed * 1000) / longestWindowMs);
    throw new LabError(
      `bad --rate-users ${perSec}: a knee is found by p99 of GET /users, which takes ${needed} requests in at most ` +
        `${longestWindowMs / 1000} s: at least ${least} per second`,
      2,
    );
  }
  return { ...settings, measureMs: Math.max(settings.measureMs, windowMs) };
}

/** One run of a search: the how-manieth of its target at its load. Slow tasks get longer windows. */
export function createProbeRun(
  settings: KneeSettings,
  target: string,
  offeredLoad: number,
  repetition: number,
  serviceTimeMs: number,
): RunPlan {
  return {
    id: `${target} ${Number(offeredLoad.toFixed(4))} ${repetition}`,
    target,
    repetition,
    offeredLoad,
    warmupMs: settings.warmupMs,
    measureMs: Math.max(settings.measureMs, Math.ceil(minCallsPerWindow * serviceTimeMs)),
    drainMs: Math.max(settings.drainMs, Math.ceil(10 * serviceTimeMs)),
  };
}
