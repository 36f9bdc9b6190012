import type { Overhead } from '../result/overhead.ts';
import type { Estimate } from '../stats/estimate.ts';
import { median } from './statistics.ts';

/** What handing a task to the pool and back costs per call, on an otherwise idle server. */
export interface OverheadSummary {
  /** CPU time of the event loop's thread, beyond that of the task itself inline. */
  readonly dispatchCpuMs: Estimate;
  /** CPU time of all threads, beyond that of the same call inline. */
  readonly totalCpuMs: Estimate;
  /** Response time, beyond that of the same call inline. */
  readonly addedLatencyMs: Estimate;
  /**
   * Tasks shorter than this keep the event loop busier when they are handed over than when they run on it.
   * A call costs the loop b + c inline and b + d with the pool, where b is what both do for HTTP, c the task
   * and d the handing over: the loop gains only where c > d. So it is d, and not below 0.
   */
  readonly breakEvenMs: Estimate;
}

/** Sums the rounds up; a difference is taken within a round, where both were measured side by side. */
export function summarizeOverhead({ rounds }: Overhead): OverheadSummary {
  const of = (difference: (round: Overhead['rounds'][number]) => number) =>
    estimateMedian(rounds.map(difference));
  const dispatchCpuMs = of(
    // Inline the task is on this thread, and is no part of handing it over.
    ({ inline, pool }) =>
      pool.mainThreadCpuMs - Math.max(0, inline.mainThreadCpuMs - inline.taskMs),
  );
  return {
    dispatchCpuMs,
    totalCpuMs: of(({ inline, pool }) => pool.processCpuMs - inline.processCpuMs),
    addedLatencyMs: of(({ inline, pool }) => pool.responseTimeMs - inline.responseTimeMs),
    breakEvenMs: {
      value: Math.max(0, dispatchCpuMs.value),
      low: Math.max(0, dispatchCpuMs.low),
      high: Math.max(0, dispatchCpuMs.high),
    },
  };
}

/**
 * The median with its 95 % confidence interval from order statistics: no assumption about the distribution
 * (W. J. Conover, Practical Nonparametric Statistics, §3.2). With fewer than six values it is their range.
 */
export function estimateMedian(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  let below = 0;
  // P(at most `below` of `count` fair coins show heads) stays within 2.5 %.
  for (let term = 0.5 ** count, sum = term; sum <= 0.025; sum += term) {
    below += 1;
    term *= (count - below + 1) / below;
  }
  const rank = Math.max(0, below - 1);
  return {
    value: median(sorted),
    low: sorted[rank] ?? Number.NaN,
    high: sorted[count - 1 - rank] ?? Number.NaN,
  };
}
