import { isDeepStrictEqual } from 'node:util';
import { scheduleSpecSchema } from '../generator/schedule.ts';
import { LabError } from '../lab-error.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import type { SelfCheck, StreamResult } from '../result/stream-result.ts';
import { mergeBlocks, sumRecords } from './merge-blocks.ts';
import { findServiceTime } from './service-time.ts';

/**
 * One result of several generators' that loaded the same server at the same time by the same plan: counts and
 * histograms add exactly, rates and offered loads add. What the server told of itself, and where, is the first
 * one's. Throws a {@link LabError} when the plans differ in anything but rates, or runs are missing.
 */
export function mergeResults(results: readonly LabResult[]): LabResult {
  const [first, ...others] = results;
  if (first === undefined || others.length === 0) {
    throw new LabError('merging takes at least two results', 2);
  }
  for (const [index, other] of others.entries()) refuseMismatch(first, other, index + 2);
  const rounds = results.flatMap(({ calibration }) => calibration.rounds);
  return {
    ...first,
    complete: results.every(({ complete }) => complete),
    createdAt: results.map(({ createdAt }) => createdAt).sort()[0] ?? first.createdAt,
    plan: mergePlans(results.map(({ plan }) => plan)),
    calibration: { ...first.calibration, rounds, serviceTimeMs: findServiceTime(rounds) },
    discarded: results.flatMap(({ discarded }) => discarded),
    runs: first.runs.map((run, index) =>
      mergeRun([run, ...others.flatMap(({ runs }) => runs[index] ?? [])]),
    ),
  };
}

/** Whether the windows of the same run overlap in all of these results; unknown times are taken to. */
export function wereMadeTogether([first, ...others]: readonly LabResult[]): boolean {
  return others.every(({ runs }) =>
    runs.every(({ windowStartEpochMs, plan }, index) => {
      const startEpochMs = first?.runs[index]?.windowStartEpochMs ?? null;
      if (startEpochMs === null || windowStartEpochMs === null) return true;
      return Math.abs(windowStartEpochMs - startEpochMs) < plan.measureMs;
    }),
  );
}

function refuseMismatch(first: LabResult, other: LabResult, position: number): void {
  const refuse = (what: string) => {
    throw new LabError(`cannot merge: result ${position} has ${what} than the first`, 2);
  };
  const differs = (pick: (result: LabResult) => unknown) =>
    !isDeepStrictEqual(pick(first), pick(other));
  if (differs(({ experiment }) => experiment)) refuse('another experiment');
  if (differs(({ plan }) => plan.targets)) refuse('other targets');
  if (differs(({ plan }) => plan.loadUnit)) refuse('another unit of load');
  if (differs(({ generator }) => generator.tool)) refuse('another load generator');
  if (differs(({ plan }) => plan.task)) refuse('another task');
  if (differs(({ plan }) => plan.streams.map(withoutRate))) refuse('other streams');
  if (differs(({ plan: { blockMs, sloP99Ms } }) => [blockMs, sloP99Ms]))
    refuse('another block width or SLO');
  if (differs(({ plan }) => plan.runs.map(withoutLoad))) refuse('other planned runs');
  if (differs(({ runs }) => runs.map(({ plan }) => plan.id))) refuse('other runs made');
  if (differs(({ runs }) => runs.map(({ streams }) => streams.map(({ plan }) => plan.name))))
    refuse('other streams in its runs');
  if (
    differs(({ runs }) => runs.map(({ streams }) => streams.map(({ plan }) => plan.schedule.kind)))
  )
    refuse('other kinds of schedule');
  if (
    differs(({ runs }) =>
      runs.map(({ streams }) => streams.map(({ blocks }) => blocks.map(({ startMs }) => startMs))),
    )
  )
    refuse('other blocks');
}

function withoutRate({ arrivalRate, ...stream }: ExperimentPlan['streams'][number]) {
  return { ...stream, kind: arrivalRate.kind };
}

function withoutLoad({ offeredLoad, ...run }: RunPlan) {
  return { ...run, isLoaded: offeredLoad > 0 };
}

function mergePlans(plans: readonly ExperimentPlan[]): ExperimentPlan {
  const [first] = plans;
  if (first === undefined) throw new RangeError('no plan to merge');
  return {
    ...first,
    streams: first.streams.map((stream, index) => {
      const { arrivalRate } = stream;
      if (arrivalRate.kind !== 'fixed') return stream;
      const perSec = sumOf(plans, ({ streams }) => {
        const rate = streams[index]?.arrivalRate;
        return rate?.kind === 'fixed' ? rate.perSec : 0;
      });
      return { ...stream, arrivalRate: { ...arrivalRate, perSec } };
    }),
    runs: first.runs.map((run, index) => ({
      ...run,
      offeredLoad: sumOf(plans, ({ runs }) => runs[index]?.offeredLoad ?? 0),
    })),
  };
}

function mergeRun(runs: readonly RunResult[]): RunResult {
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run to merge');
  const reasons = runs.flatMap(({ invalidReasons }) => invalidReasons);
  return {
    ...first,
    plan: { ...first.plan, offeredLoad: sumOf(runs, ({ plan }) => plan.offeredLoad) },
    server: {
      ...first.server,
      stoppedGracefully: runs.every(({ server }) => server.stoppedGracefully),
    },
    streams: first.streams.map((_, index) =>
      mergeStream(runs.flatMap(({ streams }) => streams[index] ?? [])),
    ),
    selfCheck: mergeSelfChecks(runs.map(({ selfCheck }) => selfCheck)),
    invalidReasons: reasons.filter(
      (reason, index) =>
        reasons.findIndex((earlier) => isDeepStrictEqual(earlier, reason)) === index,
    ),
  };
}

function mergeStream(streams: readonly StreamResult[]): StreamResult {
  const [first] = streams;
  if (first === undefined) throw new RangeError('no stream to merge');
  return {
    plan: { ...first.plan, schedule: mergeSchedules(streams) },
    blocks: first.blocks.map((_, index) =>
      mergeBlocks(streams.flatMap(({ blocks }) => blocks[index] ?? [])),
    ),
  };
}

/** Whatever the kind of schedule: its rates and users add, and where and how it begins is the first one's. */
function mergeSchedules(streams: readonly StreamResult[]): StreamResult['plan']['schedule'] {
  const merged: Record<string, unknown> = { ...streams[0]?.plan.schedule };
  for (const name of Object.keys(merged).filter(
    (key) => key.endsWith('PerSec') || key === 'users',
  )) {
    merged[name] = sumOf(streams, ({ plan }) =>
      Number(new Map<string, unknown>(Object.entries(plan.schedule)).get(name)),
    );
  }
  return scheduleSpecSchema.parse(merged);
}

/** What can be added is added; of the rest the worst counts. */
function mergeSelfChecks(checks: readonly SelfCheck[]): SelfCheck {
  return {
    scheduled: sumOf(checks, ({ scheduled }) => scheduled),
    sent: sumOf(checks, ({ sent }) => sent),
    lagP99Ms: worstOf(checks.map(({ lagP99Ms }) => lagP99Ms)),
    eventLoopUtilization: worstOf(checks.map(({ eventLoopUtilization }) => eventLoopUtilization)),
    ownErrors: sumRecords(checks.map(({ ownErrors }) => ownErrors)),
  };
}

/** The greatest of those that are known; null when none is. */
function worstOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function sumOf<Item>(items: readonly Item[], toNumber: (item: Item) => number): number {
  const sum = items.reduce((total, item) => total + toNumber(item), 0);
  // 0.1 + 0.2 is to be 0.3, so that results merged in another order are the same.
  return Math.round(sum * 1e9) / 1e9;
}
