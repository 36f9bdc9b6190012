import type { LabResult, RunResult } from '../result/result.ts';
import { type JudgedProbe, judgeProbe, type ProbeFailure } from './knee-probe.ts';
import { type Bracket, toBracket } from './knee-search.ts';

/** A load, as ρ and as requests per second. */
export interface Load {
  readonly offeredLoad: number;
  readonly perSec: number;
}

/** One search for a target's knee. */
export interface Bisection extends Bracket {
  readonly repetition: number;
  readonly probes: readonly JudgedProbe[];
}

/** The highest load a target carries, from all searches for it. */
export interface Knee {
  readonly target: string;
  readonly mode: string;
  readonly threads: number;
  /** The highest load that passed in every search; undefined when in one of them none did. */
  readonly carried: Load | undefined;
  /** The lowest load above which every search failed; undefined when one of them never did: the knee may be higher. */
  readonly notCarried: Load | undefined;
  /** What arithmetic expects, were there nothing but the computing: 1 ÷ c inline, min(threads, cores) ÷ c with a pool. */
  readonly predicted: Load;
  /** What went wrong at the lowest load that failed, in the search where that was lowest; empty when none did. */
  readonly limitedBy: readonly ProbeFailure[];
  readonly bisections: readonly Bisection[];
}

/** Finds every target's knee from a result's runs alone: those of one repetition are one search. */
export function findKnees(result: LabResult): Knee[] {
  return result.plan.targets.flatMap(({ name }) => {
    const runs = result.runs.filter(({ plan }) => plan.target === name);
    const [first] = runs;
    return first === undefined ? [] : toKnee(result, first, toBisections(runs, result));
  });
}

/** Whether what {@link findKnees} finds rests on valid runs alone, and every search came to an end. */
export function isKneeTrustworthy(result: LabResult): boolean {
  if (!result.complete) return false;
  const knees = findKnees(result);
  return (
    knees.length === result.plan.targets.length &&
    knees.every(({ bisections }) => bisections.every(isSettled))
  );
}

/** Whether a search came to its end; false when it was given up because its runs said nothing. */
export function isSettled({ probes }: Pick<Bisection, 'probes'>): boolean {
  return probes.at(-1)?.outcome !== 'invalid';
}

/** How many times as much one target carries as another: the least and the most the two intervals allow. */
export function compareKnees(
  high: Knee,
  low: Knee,
): { readonly low: number; readonly high: number } | undefined {
  if (high.carried === undefined || low.notCarried === undefined) return undefined;
  return {
    low: high.carried.offeredLoad / low.notCarried.offeredLoad,
    high:
      high.notCarried === undefined || low.carried === undefined
        ? Number.POSITIVE_INFINITY
        : high.notCarried.offeredLoad / low.carried.offeredLoad,
  };
}

function toBisections(runs: readonly RunResult[], { plan }: LabResult): Bisection[] {
  const repetitions = [...new Set(runs.map((run) => run.plan.repetition))].sort((a, b) => a - b);
  return repetitions.map((repetition) => {
    const probes = runs
      .filter((run) => run.plan.repetition === repetition)
      .map((run) => judgeProbe(run, plan.sloP99Ms));
    return { repetition, probes, ...toBracket(probes) };
  });
}

function toKnee(result: LabResult, { plan, server }: RunResult, bisections: Bisection[]): Knee {
  const { serviceTimeMs } = result.calibration;
  const toLoad = (offeredLoad: number | undefined): Load | undefined =>
    offeredLoad === undefined
      ? undefined
      : { offeredLoad, perSec: (offeredLoad * 1000) / serviceTimeMs };
  const predicted = predictKnee(server, result.environment.availableParallelism);
  return {
    target: plan.target,
    mode: server.mode,
    threads: server.threads,
    carried: toLoad(smallest(bisections.map(({ passed }) => passed))),
    notCarried: toLoad(largest(bisections.map(({ failed }) => failed))),
    predicted: { offeredLoad: predicted, perSec: (predicted * 1000) / serviceTimeMs },
    limitedBy: findLimit(bisections),
    bisections,
  };
}

/** The load at which a target's threads, as far as there are cores for them, would be busy all the time. */
export function predictKnee(
  { mode, threads }: Pick<RunResult['server'], 'mode' | 'threads'>,
  cores: number,
): number {
  return mode === 'inline' ? 1 : Math.max(1, Math.min(threads, cores));
}

function findLimit(bisections: readonly Bisection[]): readonly ProbeFailure[] {
  const lowest = bisections
    .filter(({ failed }) => failed !== undefined)
    .toSorted((a, b) => (a.failed ?? 0) - (b.failed ?? 0))[0];
  const failing = lowest?.probes.findLast(
    ({ offeredLoad, outcome }) => offeredLoad === lowest.failed && outcome === 'failed',
  );
  return failing?.failures ?? [];
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length || known.length === 0 ? undefined : Math.min(...known);
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length || known.length === 0 ? undefined : Math.max(...known);
}
