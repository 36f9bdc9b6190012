import type { ExperimentPlan } from '../result/experiment-plan.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import type { StreamResult } from '../result/stream-result.ts';
import { type Counted, type Estimate, estimateShare, mean } from '../stats/estimate.ts';
import { judgeTrend, type Trend } from '../stats/steady-state.ts';
import { type StreamSummary, summarizeStream } from './summarize-stream.ts';

/** The stream that stands for everybody else: its response time is held against the SLO and says whether a target keeps up. */
export const judgedStream = 'users';

/** One stream at one level: its figures, and whether they are properties of the target. */
export interface StreamLevel extends StreamSummary {
  /** Of this stream; of new connections the judged stream's, because newcomers wait for the end of an overload. Undefined for virtual users. */
  readonly trend: Trend | undefined;
  /** Share of the requests that were answered well before the window ended; undefined: too few rounds. */
  readonly answeredRatio: Estimate | undefined;
}

/** One target at one level of load, all its repetitions together. */
export interface LevelSummary {
  readonly target: string;
  readonly offeredLoad: number;
  readonly rounds: number;
  /** The longest window of its runs. */
  readonly windowMs: number;
  /** Of the judged stream; undefined where it was not sent, or for virtual users. */
  readonly trend: Trend | undefined;
  /** How busy the event loop was, 0 to 1; null: the server did not tell. */
  readonly utilization: number | null;
  readonly streams: readonly StreamLevel[];
}

type Made = {
  readonly runs: LabResult['runs'];
  readonly plan: Pick<ExperimentPlan, 'targets' | 'loadUnit'>;
};

/** The figures of a result by load, and within a load by target in the plan's order. */
export function summarizeLevels({ runs, plan }: Made): LevelSummary[] {
  return loadsOf(runs).flatMap((offeredLoad) =>
    plan.targets.flatMap(({ name: target }) => {
      const ofLevel = runsAt(runs, target, offeredLoad);
      return ofLevel.length === 0 ? [] : [summarizeLevel(ofLevel, target, offeredLoad, plan)];
    }),
  );
}

/** The loads that were measured, ascending. */
export function loadsOf(runs: LabResult['runs']): number[] {
  return [...new Set(runs.map(({ plan }) => plan.offeredLoad))].sort((a, b) => a - b);
}

/** The runs of one target at one load, one for each repetition. */
export function runsAt(runs: LabResult['runs'], target: string, load: number): RunResult[] {
  return runs.filter(({ plan }) => plan.target === target && plan.offeredLoad === load);
}

/** Each stream with its results, run by run. */
export function groupStreams(
  runs: readonly Pick<RunResult, 'streams'>[],
): (readonly [StreamResult, ...StreamResult[]])[] {
  const groups = new Map<string, [StreamResult, ...StreamResult[]]>();
  for (const stream of runs.flatMap(({ streams }) => streams)) {
    const group = groups.get(stream.plan.name);
    if (group === undefined) groups.set(stream.plan.name, [stream]);
    else group.push(stream);
  }
  return [...groups.values()];
}

/** The results of one stream, run by run. */
export function streamsOf(runs: readonly RunResult[], name: string): StreamResult[] {
  return runs.flatMap(({ streams }) => streams.filter(({ plan }) => plan.name === name));
}

function summarizeLevel(
  runs: readonly RunResult[],
  target: string,
  offeredLoad: number,
  { loadUnit }: Made['plan'],
): LevelSummary {
  const measureMs = runs.reduce((sum, { plan }) => sum + plan.measureMs, 0);
  const utilization = meanUtilization(runs);
  const trendOf = (name: string) =>
    loadUnit === 'threads' ? toTrend(streamsOf(runs, name), utilization) : undefined;
  const trend = trendOf(judgedStream);
  const streams = groupStreams(runs).map((group): StreamLevel => {
    const { name, connection } = group[0].plan;
    return {
      ...summarizeStream(group, measureMs),
      trend: connection.kind === 'new' ? trend : trendOf(name),
      answeredRatio: estimateShare(group.map(countAnswered)),
    };
  });
  return {
    target,
    offeredLoad,
    rounds: runs.length,
    windowMs: Math.max(...runs.map(({ plan }) => plan.measureMs)),
    trend,
    utilization,
    streams,
  };
}

function toTrend(streams: readonly StreamResult[], utilization: number | null): Trend | undefined {
  if (streams.length === 0) return undefined;
  return judgeTrend(
    streams.flatMap(({ growthMsPerSec }) => growthMsPerSec ?? []),
    utilization,
  );
}

function countAnswered({ blocks }: StreamResult): Counted {
  return {
    part: blocks.reduce((sum, block) => sum + block.answeredInWindow, 0),
    whole: blocks.reduce((sum, block) => sum + block.scheduled, 0),
  };
}

/** A sample that is missing because the loop was blocked counts as busy. */
function meanUtilization(runs: readonly RunResult[]): number | null {
  const ofRuns = runs.flatMap(({ telemetry, plan }) => {
    const within = telemetry.filter(({ atMs }) => atMs > 0 && atMs <= plan.measureMs);
    return within.length === 0
      ? []
      : [mean(within.map(({ main }) => main?.eventLoopUtilization ?? 1))];
  });
  return ofRuns.length === 0 ? null : mean(ofRuns);
}
