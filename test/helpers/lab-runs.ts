import {
  createContrastPlan,
  defaultContrastSettings,
} from '../../loadtest/experiments/contrast-plan.ts';
import { resolveStreams } from '../../loadtest/experiments/resolve-streams.ts';
import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import { StreamRecorder } from '../../loadtest/generator/recorder.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import { createExampleResult } from './lab-example-result.ts';
import { createOpenSchedule } from './open-schedule.ts';
import { createLoopSample } from './telemetry-samples.ts';

/** What a made-up run is to show. */
export interface RunShape {
  readonly target: string;
  readonly mode?: string;
  readonly threads?: number;
  readonly offeredLoad: number;
  readonly repetition?: number;
  /** What every answer takes. Default 2 ms. */
  readonly answerMs?: number;
  /** How many requests of `compute` are refused, of the first ones. */
  readonly refused?: number;
  /** How many requests of `compute` are never answered. */
  readonly unanswered?: number;
  readonly isInvalid?: boolean;
  /** The window. Default one second, which holds 200 requests of `users`. */
  readonly measureMs?: number;
  /** By how much longer answers take for each second of the window. Default 0. */
  readonly growthMsPerSec?: number;
  /** How late every request is sent; its answer comes no later for that. Default 0. */
  readonly lateMs?: number;
  /** How busy the event loop was, sample by sample from the window's beginning; `null`: it could not tell. */
  readonly utilizations?: readonly (number | null)[];
}

const serviceTimeMs = 10;
const plan = createContrastPlan({ ...defaultContrastSettings, seed: 1, arrivals: 'constant' });

/** A run as the lab would have measured it. Every call of /compute occupies a thread for 10 ms. */
export function createRun(shape: RunShape): RunResult {
  const { target, offeredLoad, repetition = 1, mode = target, answerMs = 2 } = shape;
  const { growthMsPerSec = 0, lateMs = 0 } = shape;
  const window = { startMs: 0, lengthMs: shape.measureMs ?? 1000, blockMs: 500 };
  const streams = resolveStreams(plan, { offeredLoad, repetition }, serviceTimeMs).map((stream) => {
    const intendedMs = createOpenSchedule(stream.schedule, window.lengthMs);
    const recorder = new StreamRecorder(intendedMs, stream.connection.kind);
    const [refused, lost] =
      stream.name === 'compute' ? [shape.refused ?? 0, shape.unanswered ?? 0] : [0, 0];
    for (const [index, atMs] of intendedMs.entries()) {
      recorder.send(index, atMs + lateMs);
      if (index < refused) recorder.fail(index, '503 QUEUE_FULL', atMs + 1);
      else if (index < refused + lost) recorder.leaveUnanswered(index, atMs + 3000);
      else recorder.succeed(index, atMs + answerMs + (growthMsPerSec * atMs) / 1000);
    }
    return toStreamResult(stream, [...recorder.records()], window);
  });
  const sent = streams.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + block.sent, 0);
  return {
    plan: {
      id: `${target} ${offeredLoad} ${repetition}`,
      target,
      repetition,
      offeredLoad,
      warmupMs: 0,
      measureMs: window.lengthMs,
      drainMs: 1000,
    },
    server: {
      mode,
      threads: shape.threads ?? (mode === 'inline' ? 1 : 2),
      startMs: 300,
      stoppedGracefully: true,
    },
    windowStartEpochMs: null,
    streams,
    selfCheck: {
      scheduled: sent,
      sent,
      lagP99Ms: 1.5,
      eventLoopUtilization: 0.08,
      isRealTime: false,
      ownErrors: {},
    },
    host: { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 },
    telemetry: (shape.utilizations ?? []).map((utilization, index) =>
      createLoopSample(100 * (index + 1), utilization),
    ),
    invalidReasons: shape.isInvalid ? [{ code: 'GENERATOR_LATE', value: 25, limit: 10 }] : [],
  };
}

/** The same shapes over again, a repetition each. */
export function repeat(times: number, ...shapes: readonly RunShape[]): RunShape[] {
  return Array.from({ length: times }, (_, index) => index + 1).flatMap((repetition) =>
    shapes.map((shape) => ({ ...shape, repetition })),
  );
}

/** A whole result with these runs, made on two cores. */
export function createResult(
  experiment: LabResult['experiment'],
  shapes: readonly RunShape[],
): LabResult {
  const runs = shapes.map(createRun);
  return {
    ...createExampleResult(),
    experiment,
    plan: structuredClone({ ...plan, runs: runs.map((run) => run.plan) }),
    runs,
  };
}

/** A search's result: each shape is a load, with as many runs of two seconds as it says. */
export function createKneeResult(
  loads: readonly (RunShape & { readonly runs: number })[],
): LabResult {
  return createResult(
    'knee',
    loads.flatMap(({ runs, ...shape }) =>
      Array.from({ length: runs }, (_, index) => ({
        measureMs: 2000,
        repetition: index + 1,
        ...shape,
      })),
    ),
  );
}
