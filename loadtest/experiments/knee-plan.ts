import { predictKnee } from '../analysis/knee.ts';
import type { SearchSpace } from '../analysis/knee-search.ts';
import type { ExperimentPlan, RunPlan, TargetPlan } from '../result/experiment-plan.ts';
import type { RunResult } from '../result/result.ts';

/** What a user may choose about the search for the knee. */
export interface KneeSettings {
  /** Searches per target. */
  readonly bisections: number;
  /** The search ends when the bracket is no wider than this share of its lower end. */
  readonly resolution: number;
  readonly lowestLoad: number;
  /** Times the number of threads: where the search gives up looking higher. */
  readonly highestLoadPerThread: number;
  /** Runs per search at most, repeated ones included. */
  readonly maxProbes: number;
  readonly measureMs: number;
  readonly warmupMs: number;
  readonly drainMs: number;
}

/** The defaults of {@link KneeSettings}: about two minutes on two cores. */
export const defaultKneeSettings: KneeSettings = {
  bisections: 2,
  resolution: 0.05,
  lowestLoad: 0.05,
  highestLoadPerThread: 1.5,
  maxProbes: 14,
  measureMs: 2000,
  warmupMs: 500,
  drainMs: 1000,
};

// Above this the load generator would be what is measured; with the cheap streams it stays below its limit.
const maxComputePerSec = 4000;
// A window in which a thread could not finish this many calls says nothing about a rate.
const minCallsPerWindow = 20;
// As shares of the prediction, which leaves nothing for HTTP and for waiting.
const likelyToPredicted = { low: 0.5, high: 1 };

/** One search: a target, and the how-manieth search for it this is. */
export interface SearchPlan {
  readonly target: TargetPlan;
  readonly repetition: number;
}

/** All searches, in an order (AB, BA, AB …) by which what drifts with time favours no target. */
export function createSearches(
  { targets }: Pick<ExperimentPlan, 'targets'>,
  { bisections }: Pick<KneeSettings, 'bisections'>,
): SearchPlan[] {
  return Array.from({ length: bisections }, (_, index) => index + 1).flatMap((repetition) =>
    (repetition % 2 === 1 ? targets : targets.toReversed()).map((target) => ({
      target,
      repetition,
    })),
  );
}

/** Where to search, given what the server says of itself and what one call costs. */
export function createSearchSpace(
  settings: KneeSettings,
  server: Pick<RunResult['server'], 'mode' | 'threads'>,
  cores: number,
  serviceTimeMs: number,
): SearchSpace {
  const threads = server.mode === 'inline' ? 1 : Math.max(1, server.threads);
  const highest = Math.min(
    settings.highestLoadPerThread * threads,
    (maxComputePerSec * serviceTimeMs) / 1000,
  );
  const predicted = predictKnee(server, cores);
  return {
    lowest: Math.min(settings.lowestLoad, highest / 2),
    highest,
    resolution: settings.resolution,
    likely: {
      low: likelyToPredicted.low * predicted,
      high: likelyToPredicted.high * predicted,
    },
    maxProbes: settings.maxProbes,
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

/** One run of a search. Slow tasks get longer windows. */
export function createProbeRun(
  settings: KneeSettings,
  { target, repetition }: SearchPlan,
  probe: number,
  offeredLoad: number,
  serviceTimeMs: number,
): RunPlan {
  return {
    id: `${target.name} ${repetition}.${probe}`,
    target: target.name,
    repetition,
    offeredLoad,
    warmupMs: settings.warmupMs,
    measureMs: Math.max(settings.measureMs, Math.ceil(minCallsPerWindow * serviceTimeMs)),
    drainMs: Math.max(settings.drainMs, Math.ceil(10 * serviceTimeMs)),
  };
}
