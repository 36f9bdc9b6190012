import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import type { StreamPlan } from '../../loadtest/generator/load-plan.ts';
import { StreamRecorder } from '../../loadtest/generator/recorder.ts';
import type { RunPlan, StreamTemplate } from '../../loadtest/result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import { exampleEnvironment } from './example-environment.ts';
import { createOpenSchedule } from './open-schedule.ts';
import { simulateServer, simulateTelemetry } from './simulated-server.ts';

const callMs = 9;
const window = { startMs: 1000, lengthMs: 5000, blockMs: 500 };
const common = { timeoutMs: 30_000, connection: { kind: 'kept', connections: 64 } } as const;
const perSec: Readonly<Record<string, number>> = { users: 200, create: 20, health: 20 };

const streams: StreamTemplate[] = [
  {
    ...common,
    name: 'users',
    method: 'GET',
    path: '/users',
    arrivals: 'constant',
    arrivalRate: { kind: 'fixed', perSec: 200 },
  },
  {
    ...common,
    name: 'create',
    method: 'POST',
    path: '/users',
    bodies: ['{}'],
    arrivals: 'constant',
    arrivalRate: { kind: 'fixed', perSec: 20 },
  },
  {
    ...common,
    name: 'health',
    method: 'GET',
    path: '/health',
    connection: { kind: 'new' },
    arrivals: 'constant',
    arrivalRate: { kind: 'fixed', perSec: 20 },
  },
  {
    ...common,
    name: 'compute',
    method: 'GET',
    path: '/compute',
    arrivals: 'poisson',
    arrivalRate: { kind: 'offered-load' },
  },
];

/** A contrast as large as one with the defaults, from a simulated server: four loads, two targets, three runs each. */
export function createReportExample(): LabResult {
  const runs = [1, 2, 3].flatMap((repetition) =>
    [0, 0.5, 0.9, 1.2].flatMap((offeredLoad) =>
      (['inline', 'pool'] as const).map(
        (target): RunPlan => ({
          id: `${target} ${offeredLoad} ${repetition}`,
          target,
          repetition,
          offeredLoad,
          warmupMs: window.startMs,
          measureMs: window.lengthMs,
          drainMs: 10_000,
        }),
      ),
    ),
  );
  return {
    schemaVersion: 5,
    experiment: 'contrast',
    generator: { tool: 'offload-lab', version: '1.2.3' },
    complete: true,
    createdAt: '2026-01-02T03:04:05.678Z',
    environment: exampleEnvironment,
    plan: {
      targets: [
        { name: 'inline', settings: { COMPUTE_MODE: 'inline' } },
        { name: 'pool', settings: { COMPUTE_MODE: 'pool' } },
      ],
      loadUnit: 'threads',
      calibration: { target: 'pool', rounds: 1, warmupCalls: 10, calls: 40, maxMs: 4000 },
      seed: 1,
      openingPath: '/health',
      streams,
      blockMs: window.blockMs,
      sloP99Ms: 50,
      task: null,
      runs,
      maxRepeatedRounds: 0,
    },
    calibration: {
      target: 'pool',
      serviceTimeMs: callMs,
      rounds: [{ firstMs: 11, samplesMs: [8.9, 9, 9.1] }],
      atEnd: null,
    },
    runs: runs.map(createRun),
    discarded: [],
  };
}

function createRun(plan: RunPlan, position: number): RunResult {
  const settings = {
    mode: plan.target === 'inline' ? ('inline' as const) : ('pool' as const),
    callMs,
    seed: 100 * position,
  };
  const load = streams.flatMap((template, index) => {
    const rate = perSec[template.name] ?? (plan.offeredLoad * 1000) / callMs;
    return rate === 0
      ? []
      : [{ plan: toStreamPlan(template, rate, index + settings.seed), template }];
  });
  const intended = load.map(({ plan: stream }) =>
    createOpenSchedule(stream.schedule, window.startMs + window.lengthMs),
  );
  const requests = load.flatMap(({ plan: { name } }, stream) =>
    [...(intended[stream] ?? [])].map((atMs, index) => ({
      stream: name,
      index,
      atMs,
      isCompute: name === 'compute',
    })),
  );
  const answers = simulateServer(
    requests.toSorted((a, b) => a.atMs - b.atMs),
    settings,
  );
  const results = load.map(({ plan: stream }, position) => {
    const recorder = new StreamRecorder(
      intended[position] ?? new Float64Array(),
      stream.connection.kind,
    );
    for (const { request, endMs } of answers) {
      if (request.stream !== stream.name) continue;
      const { index, atMs } = request;
      recorder.send(index, atMs);
      if (endMs === null) {
        recorder.fail(index, '503 QUEUE_FULL', atMs + 2);
        continue;
      }
      recorder.connect(index, atMs + 0.1);
      recorder.firstByte(index, endMs);
      recorder.succeed(index, endMs);
    }
    return toStreamResult(stream, [...recorder.records()], window);
  });
  return {
    plan,
    server: {
      mode: settings.mode,
      threads: settings.mode === 'pool' ? 2 : 0,
      startMs: 300,
      stoppedGracefully: true,
    },
    windowStartEpochMs: null,
    streams: results,
    selfCheck: {
      scheduled: requests.length,
      sent: requests.length,
      lagP99Ms: 1.5,
      eventLoopUtilization: 0.08,
      isRealTime: false,
      ownErrors: {},
    },
    host: { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 },
    telemetry: simulateTelemetry(answers, settings, window),
    invalidReasons: [],
  };
}

function toStreamPlan(
  template: StreamTemplate,
  arrivalRatePerSec: number,
  seed: number,
): StreamPlan {
  const { arrivals, arrivalRate: _, ...stream } = template;
  const schedule =
    arrivals === 'poisson'
      ? { kind: 'poisson' as const, arrivalRatePerSec, seed }
      : { kind: 'constant' as const, arrivalRatePerSec, phaseMs: seed % 7 };
  return { ...stream, schedule };
}
