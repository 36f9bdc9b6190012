import { resolveStreams } from '../../loadtest/experiments/resolve-streams.ts';
import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import { createRandom } from '../../loadtest/generator/random.ts';
import { StreamRecorder } from '../../loadtest/generator/recorder.ts';
import type { ExperimentPlan, RunPlan } from '../../loadtest/result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import { exampleEnvironment } from './example-environment.ts';
import { createOpenSchedule } from './open-schedule.ts';
import { simulateServer, simulateTelemetry } from './simulated-server.ts';

/** What the simulated world is like. */
export interface Simulation {
  /** How long a call occupies a thread. */
  readonly callMs: number;
  /** Where all that is left to chance comes from, arrivals excepted: those follow from the plan. */
  readonly noiseSeed: number;
}

/** A contrast carried out against simulated servers: no clock, no process, the same result each time. */
export function simulateContrast(
  experiment: LabResult['experiment'],
  plan: ExperimentPlan,
  simulation: Simulation,
): LabResult {
  const { callMs } = simulation;
  return {
    schemaVersion: 5,
    experiment,
    generator: { tool: 'offload-lab', version: '1.2.3' },
    complete: true,
    createdAt: '2026-01-02T03:04:05.678Z',
    environment: exampleEnvironment,
    plan,
    calibration: {
      target: plan.calibration.target,
      serviceTimeMs: callMs,
      rounds: [{ firstMs: callMs + 2, samplesMs: [callMs - 0.1, callMs, callMs + 0.1] }],
      atEnd: { firstMs: callMs + 2, samplesMs: [callMs] },
    },
    runs: plan.runs.map((run, position) =>
      simulateRun(plan, run, { ...simulation, noiseSeed: simulation.noiseSeed + 2 * position }),
    ),
    discarded: [],
  };
}

function simulateRun(
  plan: ExperimentPlan,
  run: RunPlan,
  { callMs, noiseSeed }: Simulation,
): RunResult {
  const mode = plan.targets.find(({ name }) => name === run.target)?.settings.COMPUTE_MODE;
  const settings = {
    mode: mode === 'inline' ? ('inline' as const) : ('pool' as const),
    callMs,
    seed: noiseSeed,
  };
  const window = { startMs: run.warmupMs, lengthMs: run.measureMs, blockMs: plan.blockMs };
  const random = createRandom(noiseSeed);
  const streams = resolveStreams(plan, run, callMs).map((stream) => ({
    stream,
    intendedMs: createOpenSchedule(stream.schedule, run.warmupMs + run.measureMs),
  }));
  const requests = streams.flatMap(({ stream: { name }, intendedMs }) =>
    [...intendedMs].map((atMs, index) => ({
      stream: name,
      index,
      intendedMs: atMs,
      sentMs: atMs - 0.1 * Math.log(1 - random()),
      isCompute: name === 'compute',
    })),
  );
  const answers = simulateServer(
    requests.toSorted((a, b) => a.sentMs - b.sentMs),
    settings,
  );
  return {
    plan: run,
    server: {
      mode: settings.mode,
      threads: settings.mode === 'pool' ? 2 : 0,
      startMs: 300,
      stoppedGracefully: true,
    },
    windowStartEpochMs: null,
    streams: streams.map(({ stream, intendedMs }) => {
      const recorder = new StreamRecorder(intendedMs, stream.connection.kind);
      for (const { request, endMs, taskMs } of answers) {
        if (request.stream !== stream.name) continue;
        const { index, sentMs } = request;
        recorder.send(index, sentMs);
        if (taskMs !== null) recorder.taskTime(index, taskMs);
        if (endMs === null) {
          recorder.fail(index, '503 QUEUE_FULL', sentMs + 2);
          continue;
        }
        recorder.connect(index, sentMs + 0.1);
        recorder.firstByte(index, endMs);
        recorder.succeed(index, endMs);
      }
      return toStreamResult(stream, [...recorder.records()], window);
    }),
    selfCheck: {
      scheduled: requests.length,
      sent: requests.length,
      lagP99Ms: 0.5,
      eventLoopUtilization: 0.08,
      isRealTime: false,
      ownErrors: {},
    },
    host: { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 },
    telemetry: simulateTelemetry(answers, settings, window),
    invalidReasons: [],
  };
}
