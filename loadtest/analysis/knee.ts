import type { LabResult, RunResult } from '../result/result.ts';
import { type Estimate, estimateRatio, geometricMean } from '../stats/estimate.ts';
import {
  isSettled,
  judgeLoad,
  type LoadOutcome,
  type Probe,
  probesAt,
  toBracket,
} from './knee-search.ts';
import { judgedStream } from './levels.ts';
import { percentileOfRun } from './summarize-stream.ts';
import { isRepeatable } from './validity.ts';

/** A load, as ρ and as requests per second. */
export interface Load {
  readonly offeredLoad: number;
  readonly perSec: number;
}

/** Requests of one stream that failed in one way, over the runs at a load. */
export interface Failures {
  /** An error's kind, or `unanswered`. */
  readonly kind: string;
  readonly stream: string;
  readonly count: number;
}

/** One run of a search. */
export interface ProbedRun extends Probe {
  readonly p99Ms: number | undefined;
  readonly failures: readonly Failures[];
}

/** A load with all that its runs say together. */
export interface JudgedLoad extends Load {
  readonly outcome: LoadOutcome;
  /** Those that say something. */
  readonly runs: number;
  /** Of the judged stream: the geometric mean of the runs. */
  readonly p99Ms: number | undefined;
  /** Its 95 % interval; undefined with too few runs. */
  readonly p99Interval: Estimate | undefined;
  /** Runs in which requests failed or were left unanswered. */
  readonly failingRuns: number;
  readonly failures: readonly Failures[];
}

/** The highest load a target carries: one answer, for everything that shows it. */
export interface Knee {
  readonly target: string;
  readonly mode: string;
  readonly threads: number;
  /** The highest load that passed, confirmed by more runs; undefined: none did, or the search did not come to its end. */
  readonly carried: JudgedLoad | undefined;
  /** The lowest load that failed; undefined: none did. */
  readonly notCarried: JudgedLoad | undefined;
  /** Loads between the two, ascending, of which it cannot be told. */
  readonly undecided: readonly JudgedLoad[];
  /** What arithmetic expects, were there nothing but the computing: 1 ÷ c inline, min(threads, cores) ÷ c with a pool. */
  readonly predicted: Load;
  /** Whether the search came to its end. */
  readonly isSettled: boolean;
  /** Every run of the search, in order. */
  readonly history: readonly ProbedRun[];
}

/** Finds every target's knee from a result's runs alone. */
export function findKnees(result: LabResult): Knee[] {
  return result.plan.targets.flatMap(({ name }) => {
    const runs = result.runs.filter(({ plan }) => plan.target === name);
    const [first] = runs;
    return first === undefined ? [] : toKnee(result, first, runs);
  });
}

/** Whether what {@link findKnees} finds rests on valid runs alone, and every search came to its end. */
export function isKneeTrustworthy(result: LabResult): boolean {
  if (!result.complete) return false;
  const knees = findKnees(result);
  return knees.length === result.plan.targets.length && knees.every(({ isSettled }) => isSettled);
}

/** How many times as much one target carries as another: the least and the most the two brackets allow. */
export function compareKnees(
  high: Pick<Knee, 'carried' | 'notCarried'>,
  low: Pick<Knee, 'carried' | 'notCarried'>,
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

/** The load at which a target's threads, as far as there are cores for them, would be busy all the time. */
export function predictKnee(
  { mode, threads }: Pick<RunResult['server'], 'mode' | 'threads'>,
  cores: number,
): number {
  return mode === 'inline' ? 1 : Math.max(1, Math.min(threads, cores));
}

/** What one run says about its load. A target that does not answer at all has failed, whatever that means for percentiles. */
export function readProbe(run: RunResult, sloP99Ms: number): ProbedRun {
  const users = run.streams.find(({ plan }) => plan.name === judgedStream);
  const p99Ms = users && percentileOfRun(users, 99, 'responseTimeUs');
  const failures = run.streams.flatMap(listFailures);
  return {
    offeredLoad: run.plan.offeredLoad,
    isValid: !isRepeatable(run),
    p99Ms,
    p99ToSlo: p99Ms === undefined ? undefined : p99Ms / sloP99Ms,
    hasFailures: failures.length > 0,
    failures,
  };
}

function toKnee(result: LabResult, first: RunResult, runs: readonly RunResult[]): Knee {
  const { serviceTimeMs } = result.calibration;
  const history = runs.map((run) => readProbe(run, result.plan.sloP99Ms));
  const toLoad = (offeredLoad: number): Load => ({
    offeredLoad,
    perSec: (offeredLoad * 1000) / serviceTimeMs,
  });
  const judge = (load: number): JudgedLoad => ({
    ...toLoad(load),
    ...summarizeLoad(probesAt(history, load)),
  });
  const { passed, failed, undecided } = toBracket(history);
  const settled = isSettled(history);
  return {
    target: first.plan.target,
    mode: first.server.mode,
    threads: first.server.threads,
    carried: passed === undefined || !settled ? undefined : judge(passed),
    notCarried: failed === undefined ? undefined : judge(failed),
    undecided: undecided.map(judge),
    predicted: toLoad(predictKnee(first.server, result.environment.availableParallelism)),
    isSettled: settled,
    history,
  };
}

function summarizeLoad(probes: readonly ProbedRun[]): Omit<JudgedLoad, keyof Load> {
  const valid = probes.filter(({ isValid }) => isValid);
  const p99s = valid.flatMap(({ p99Ms }) => p99Ms ?? []);
  return {
    outcome: judgeLoad(probes),
    runs: valid.length,
    p99Ms: p99s.length === 0 ? undefined : geometricMean(p99s),
    p99Interval: estimateRatio(p99s),
    failingRuns: valid.filter(({ hasFailures }) => hasFailures).length,
    failures: sumFailures(valid.flatMap(({ failures }) => failures)),
  };
}

function listFailures({ plan, blocks }: RunResult['streams'][number]): Failures[] {
  const stream = plan.name;
  return sumFailures(
    blocks.flatMap(({ errors, unanswered }) => [
      ...Object.entries(errors).map(([kind, count]) => ({ kind, stream, count })),
      ...(unanswered === 0 ? [] : [{ kind: 'unanswered', stream, count: unanswered }]),
    ]),
  );
}

function sumFailures(failures: readonly Failures[]): Failures[] {
  const sums = new Map<string, Failures>();
  for (const { kind, stream, count } of failures) {
    const key = `${stream} ${kind}`;
    sums.set(key, { kind, stream, count: count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
