import type { LabResult, RunResult } from '../result/result.ts';
import type { Estimate } from '../stats/estimate.ts';
import { isCoreBound } from './core-bound.ts';
import { isKneeTrustworthy } from './knee.ts';
import { adviseOffload, type OffloadAdvice } from './offload-advice.ts';
import { type OverheadSummary, summarizeOverhead } from './overhead-summary.ts';
import { isValid } from './validity.ts';
import { judge } from './verdict.ts';

/** What kept the measurement from showing more. */
export type Limit =
  /** The measurement itself cannot be trusted. */
  | { readonly kind: 'invalid' }
  /** Pool threads, event loop and generator had to share cores. */
  | { readonly kind: 'cores'; readonly threads: number; readonly cores: number }
  /** The pool's queue was full, or its wait too long: so many requests were refused at that load. */
  | {
      readonly kind: 'queue';
      readonly refused: number;
      readonly runs: number;
      readonly offeredLoad: number;
    }
  /** It was stopped before all of its runs were made. */
  | { readonly kind: 'incomplete' };

/** How many threads, and why that many. */
export interface ThreadsAdvice {
  readonly threads: number;
  readonly measured: number;
  readonly cores: number;
}

/** How long a queue, such that none of those in it waits longer than the budget: maxWait × threads ÷ c, rounded down. */
export interface QueueAdvice {
  readonly queueMax: number;
  readonly maxWaitMs: number;
  /** Threads that can run at the same time. */
  readonly threads: number;
  readonly serviceTimeMs: number;
}

/** What a result says about how to run the server; what was not measured is undefined or empty. */
export interface Advice {
  readonly offload: OffloadAdvice;
  readonly serviceTimeMs: number;
  readonly overhead: OverheadSummary | undefined;
  readonly threads: ThreadsAdvice | undefined;
  readonly queue: QueueAdvice | undefined;
  readonly limits: readonly Limit[];
}

/** The server's default for COMPUTE_MAX_WAIT_MS. */
const defaultMaxWaitMs = 1000;

/**
 * Derives advice from a measurement, and only from it. The verdict can be handed in where it is known
 * already, because it takes a second to compute.
 */
export function advise(result: LabResult, verdict = judge(result)): Advice {
  const { calibration, environment } = result;
  const isTrusted = result.experiment === 'knee' ? isKneeTrustworthy(result) : isValid(result);
  const overhead = result.overhead ? summarizeOverhead(result.overhead) : undefined;
  const pool = result.runs.find(isLoadedPool);
  const threads =
    pool === undefined
      ? undefined
      : {
          threads: Math.min(pool.server.threads, environment.availableParallelism),
          measured: pool.server.threads,
          cores: environment.availableParallelism,
        };
  return {
    offload: adviseOffload(result, { isTrusted, verdict, overhead }),
    serviceTimeMs: calibration.serviceTimeMs,
    overhead,
    threads,
    queue:
      pool === undefined || threads === undefined
        ? undefined
        : adviseQueue(readMaxWaitMs(result, pool), threads.threads, calibration.serviceTimeMs),
    limits: findLimits(result, isTrusted),
  };
}

/** Whether a task of this length is worth handing over: undefined when it was not measured or is too close to tell. */
export function isWorthDispatching(
  serviceTimeMs: number,
  breakEvenMs: Estimate | undefined,
): boolean | undefined {
  if (breakEvenMs === undefined) return undefined;
  if (serviceTimeMs > breakEvenMs.high) return true;
  return serviceTimeMs < breakEvenMs.low ? false : undefined;
}

function adviseQueue(maxWaitMs: number, threads: number, serviceTimeMs: number): QueueAdvice {
  const queueMax = Math.floor((maxWaitMs * threads) / serviceTimeMs);
  return { queueMax, maxWaitMs, threads, serviceTimeMs };
}

function readMaxWaitMs({ plan }: LabResult, run: RunResult): number {
  const settings = plan.targets.find(({ name }) => name === run.plan.target)?.settings;
  return Number(settings?.COMPUTE_MAX_WAIT_MS ?? defaultMaxWaitMs);
}

function findLimits({ runs, environment, complete }: LabResult, isTrusted: boolean): Limit[] {
  const limits: Limit[] = [];
  if (!complete) limits.push({ kind: 'incomplete' });
  else if (!isTrusted) limits.push({ kind: 'invalid' });
  const pools = runs.filter(isLoadedPool);
  const threads = Math.max(0, ...pools.map(({ server }) => server.threads));
  if (pools.length > 0 && isCoreBound(threads, environment)) {
    limits.push({ kind: 'cores', threads, cores: environment.availableParallelism });
  }
  const refusing = pools.filter((run) => countRefused(run) > 0);
  if (refusing.length > 0) {
    const offeredLoad = Math.min(...refusing.map(({ plan }) => plan.offeredLoad));
    const there = pools.filter(({ plan }) => plan.offeredLoad === offeredLoad);
    const refused = there.reduce((sum, run) => sum + countRefused(run), 0);
    limits.push({ kind: 'queue', refused, runs: there.length, offeredLoad });
  }
  return limits;
}

function isLoadedPool({ plan, server }: RunResult): boolean {
  return plan.offeredLoad > 0 && server.mode === 'pool';
}

function countRefused({ streams }: RunResult): number {
  return streams
    .flatMap(({ blocks }) => blocks)
    .flatMap(({ errors }) => Object.entries(errors))
    .filter(([kind]) => /QUEUE_FULL|WAIT_TOO_LONG/.test(kind))
    .reduce((sum, [, count]) => sum + count, 0);
}
