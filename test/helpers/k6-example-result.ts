import {
  createBaselinePlan,
  defaultBaselineSettings,
} from '../../loadtest/experiments/k6/k6-plan.ts';
import { resolveStreams } from '../../loadtest/experiments/resolve-streams.ts';
import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import { StreamRecorder } from '../../loadtest/generator/recorder.ts';
import type { RunPlan } from '../../loadtest/result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import { createExampleResult } from './lab-example-result.ts';

const measureMs = 2000;
const waitForConnectionMs = 1;

/**
 * A result as k6's virtual users would have made it in two seconds: everyone sends twice, in each of three rounds. Each
 * answer takes 10 ms inline and 5 ms on the pool, after a millisecond for the connection; of 300 users three are refused inline.
 */
export function createExampleBaseline(mode: 'inline' | 'both' = 'both'): LabResult {
  const plan = createBaselinePlan({
    ...defaultBaselineSettings,
    mode,
    levels: [50, 300],
    repeats: 3,
    measureMs,
  });
  const runs = plan.runs.map((run) => createRun(run, plan));
  return {
    ...createExampleResult(),
    experiment: 'k6 baseline',
    generator: { tool: 'k6', version: '2.2.0' },
    plan,
    runs,
  };
}

function createRun(run: RunPlan, plan: LabResult['plan']): RunResult {
  const users = run.offeredLoad;
  const answerMs = run.target === 'inline' ? 10 : 5;
  const refused = run.target === 'inline' && users === 300 ? 3 : 0;
  const streams = resolveStreams(plan, run, 10).map((stream) => {
    const intendedMs = Float64Array.from({ length: 2 * users }, (_, at) => (at < users ? 0 : 1006));
    const recorder = new StreamRecorder(intendedMs, stream.connection.kind);
    for (const [index, atMs] of intendedMs.entries()) {
      const sentMs = atMs + waitForConnectionMs;
      recorder.send(index, sentMs);
      if (index < refused) recorder.fail(index, 'refused', sentMs);
      else recorder.succeed(index, sentMs + answerMs);
    }
    const window = { startMs: 0, lengthMs: measureMs, blockMs: 500 };
    return toStreamResult(stream, [...recorder.records()], window);
  });
  const sent = 2 * users;
  return {
    plan: run,
    server: { mode: run.target, threads: 2, startMs: 300, stoppedGracefully: true },
    windowStartEpochMs: null,
    streams,
    selfCheck: {
      scheduled: sent,
      sent,
      lagP99Ms: null,
      eventLoopUtilization: null,
      isRealTime: null,
      ownErrors: {},
    },
    host: { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 },
    telemetry: [],
    invalidReasons: [],
  };
}
