import { readArrivalRatePerSec } from '../generator/schedule.ts';
import type { BlockResult, StreamResult } from '../result/stream-result.ts';
import { geometricMean } from '../stats/estimate.ts';
import { type ComparedPercentile, comparedPercentiles, countNeeded } from '../stats/percentile.ts';
import { type HistogramName, histogramOfRun } from './percentiles.ts';

/** A time of one kind over one or several runs, in milliseconds. */
export interface TimeSummary {
  /** Timed requests of all runs. */
  readonly count: number;
  /**
   * The geometric mean over the runs of each run's percentile over its window; undefined where a run has too few
   * requests for it to be one.
   */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number;
}

/** One stream's figures over the windows of one or several runs. */
export interface StreamSummary {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly connection: StreamResult['plan']['connection'];
  /** Requests meant to leave per second, whatever came of them; undefined: the answers decided (a closed loop). */
  readonly arrivalRatePerSec: number | undefined;
  /** Good answers per second of the window. */
  readonly throughputPerSec: number;
  readonly scheduled: number;
  readonly sent: number;
  readonly unanswered: number;
  readonly timedOut: number;
  /** Failures by kind, timeouts included. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests that found every kept connection busy. */
  readonly waitedForConnection: number;
  /** From the intended start. Those of a stream without any timed request are undefined. */
  readonly responseTime: TimeSummary | undefined;
  /** Percentiles of which the generator's own lateness could be half or more. */
  readonly unresolved: readonly ComparedPercentile[];
  /** From the actual send. */
  readonly sendToEnd: TimeSummary | undefined;
  readonly taskTime: TimeSummary | undefined;
  readonly connectTime: TimeSummary | undefined;
  readonly admissionTime: TimeSummary | undefined;
}

/** Sums one stream up over its runs, whose windows come to `measureMs` together. There is at least one. */
export function summarizeStream(
  runs: readonly [StreamResult, ...StreamResult[]],
  measureMs: number,
): StreamSummary {
  const [{ plan }] = runs;
  const blocks = runs.flatMap((run) => run.blocks);
  const sum = (count: (block: BlockResult) => number) =>
    blocks.reduce((total, block) => total + count(block), 0);
  const times = (name: HistogramName) => summarizeTimes(runs, name);
  const responseTime = times('responseTimeUs');
  return {
    name: plan.name,
    method: plan.method,
    path: plan.path,
    connection: plan.connection,
    arrivalRatePerSec: readArrivalRatePerSec(plan.schedule),
    throughputPerSec: sum(({ completed }) => completed) / (measureMs / 1000),
    scheduled: sum(({ scheduled }) => scheduled),
    sent: sum(({ sent }) => sent),
    unanswered: sum(({ unanswered }) => unanswered),
    timedOut: sum(({ timedOut }) => timedOut),
    errors: sumErrors(blocks),
    waitedForConnection: sum(({ waitedForConnection }) => waitedForConnection),
    responseTime,
    unresolved: findUnresolved(responseTime, times('lagUs')),
    sendToEnd: times('sendToEndUs'),
    taskTime: times('taskTimeUs'),
    connectTime: times('connectTimeUs'),
    admissionTime: times('admissionTimeUs'),
  };
}

/** A run's percentile over its whole window, in milliseconds; undefined with too few requests for it to be one. */
export function percentileOfRun(
  stream: StreamResult,
  percentile: ComparedPercentile,
  name: HistogramName,
): number | undefined {
  const histogram = histogramOfRun(stream, name);
  return histogram.totalCount < countNeeded(percentile)
    ? undefined
    : histogram.getValueAtPercentile(percentile) / 1000;
}

/** How many requests of a summary failed, timed out or were left unanswered, as a share of those sent. */
export function failureRatio({
  errors,
  unanswered,
  sent,
}: Pick<StreamSummary, 'errors' | 'unanswered' | 'sent'>): number {
  const failed = Object.values(errors).reduce((sum, count) => sum + count, unanswered);
  return sent === 0 ? 0 : failed / sent;
}

function summarizeTimes(
  runs: readonly StreamResult[],
  name: HistogramName,
): TimeSummary | undefined {
  const histograms = runs.map((run) => histogramOfRun(run, name));
  const count = histograms.reduce((sum, { totalCount }) => sum + totalCount, 0);
  if (count === 0) return undefined;
  const [p50Ms, p95Ms, p99Ms] = comparedPercentiles.map((percentile) =>
    histograms.some(({ totalCount }) => totalCount < countNeeded(percentile))
      ? undefined
      : geometricMean(
          // A histogram of microseconds holds 0 for what was shorter.
          histograms.map((times) => Math.max(1, times.getValueAtPercentile(percentile)) / 1000),
        ),
  );
  const maxMs = Math.max(...histograms.map((times) => times.maxValue)) / 1000;
  return { count, p50Ms, p95Ms, p99Ms, maxMs };
}

/** Lateness is part of a response time, so it explains half of one that is less than twice as long. */
function findUnresolved(
  response: TimeSummary | undefined,
  lag: TimeSummary | undefined,
): ComparedPercentile[] {
  return comparedPercentiles.filter((percentile) => {
    const [time, own] = [response, lag].map((times) => times?.[`p${percentile}Ms`]);
    return time !== undefined && own !== undefined && time < 2 * own;
  });
}

function sumErrors(blocks: readonly BlockResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { errors } of blocks) {
    for (const [kind, count] of Object.entries(errors)) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}
