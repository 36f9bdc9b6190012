import {
  createContrastPlan,
  defaultContrastSettings,
} from '../../loadtest/experiments/contrast-plan.ts';
import { resolveStreams } from '../../loadtest/experiments/resolve-streams.ts';
import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import { StreamRecorder } from '../../loadtest/generator/recorder.ts';
import type { RunPlan } from '../../loadtest/result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import { exampleEnvironment } from './example-environment.ts';
import { createOpenSchedule } from './open-schedule.ts';

const serviceTimeMs = 10;
const window = { startMs: 1500, lengthMs: 5000, blockMs: 500 };

/** A result as a contrast would have made it: every answer takes 2 ms with the pool and 1 s inline. */
export function createExampleResult(): LabResult {
  const plan = createContrastPlan({
    ...defaultContrastSettings,
    seed: 1,
    areLevelsFixed: true,
    levels: [0, 1.2],
    repeats: 3,
    arrivals: 'constant',
    warmupMs: window.startMs,
    measureMs: window.lengthMs,
  });
  const createRun = (run: RunPlan): RunResult => {
    const answerMs = run.target === 'inline' ? 1000 : 2;
    const streams = resolveStreams(plan, run, serviceTimeMs).map((stream) => {
      const intendedMs = createOpenSchedule(stream.schedule, 6500);
      const recorder = new StreamRecorder(intendedMs, stream.connection.kind);
      for (const [index, atMs] of intendedMs.entries()) {
        recorder.send(index, atMs);
        recorder.connect(index, atMs + 0.1);
        recorder.firstByte(index, atMs + answerMs - 1);
        if (stream.name === 'compute' && run.target === 'pool' && index % 100 === 0) {
          recorder.fail(index, '503 QUEUE_FULL', atMs + 1);
        } else recorder.succeed(index, atMs + answerMs);
      }
      return toStreamResult(stream, [...recorder.records()], window);
    });
    const sent = streams
      .flatMap(({ blocks }) => blocks)
      .reduce((sum, block) => sum + block.sent, 0);
    return {
      plan: run,
      server: {
        mode: run.target,
        threads: run.target === 'pool' ? 2 : 0,
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
      telemetry: [],
      invalidReasons: [],
    };
  };
  return {
    schemaVersion: 5,
    experiment: 'contrast',
    generator: { tool: 'offload-lab', version: '1.2.3' },
    complete: true,
    createdAt: '2026-01-02T03:04:05.678Z',
    environment: exampleEnvironment,
    plan,
    calibration: {
      target: 'pool',
      serviceTimeMs,
      rounds: [{ firstMs: 12, samplesMs: [9, 10, 11] }],
      atEnd: null,
    },
    runs: plan.runs.map(createRun),
    discarded: [],
  };
}
