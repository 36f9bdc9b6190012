import { resolveStreams } from '../../loadtest/experiments/resolve-streams.ts';
import { toStreamResult } from '../../loadtest/generator/blocks.ts';
import type { RequestRecord } from '../../loadtest/generator/request-record.ts';
import type { ExperimentPlan, RunPlan } from '../../loadtest/result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../loadtest/result/result.ts';
import type { TelemetryPoint } from '../../loadtest/result/telemetry.ts';
import { createExampleResult } from './lab-example-result.ts';

/** What became of a request: its answer or its age in milliseconds, or the kind of its failure. */
export interface MadeUpRequest {
  readonly atMs: number;
  readonly tookMs?: number;
  readonly connectedMs?: number;
  readonly failed?: string;
  readonly unansweredAgeMs?: number;
}

/** What a run is to show. */
export interface MadeUpRun {
  readonly requests: Readonly<Record<string, readonly MadeUpRequest[]>>;
  readonly telemetry?: readonly TelemetryPoint[];
  readonly invalidReasons?: RunResult['invalidReasons'];
}

/** A result of a plan whose requests went as `toRun` says. Calls of /compute take 10 ms. */
export function createPlannedResult(
  experiment: LabResult['experiment'],
  plan: ExperimentPlan,
  toRun: (run: RunPlan) => MadeUpRun,
): LabResult {
  const runs = plan.runs.map((run): RunResult => {
    const { requests, telemetry = [], invalidReasons = [] } = toRun(run);
    const window = { startMs: 0, lengthMs: run.measureMs, blockMs: plan.blockMs };
    return {
      plan: run,
      server: { mode: run.target, threads: 2, startMs: 300, stoppedGracefully: true },
      windowStartEpochMs: null,
      streams: resolveStreams(plan, run, 10).map((stream) =>
        toStreamResult(stream, (requests[stream.name] ?? []).map(toRecord), window),
      ),
      selfCheck: {
        scheduled: 1,
        sent: 1,
        lagP99Ms: 1.5,
        eventLoopUtilization: 0.08,
        isRealTime: false,
        ownErrors: {},
      },
      host: { stolenCpuRatio: 0, othersCpuRatio: 0, idleCpuRatio: 0.5 },
      telemetry: [...telemetry],
      invalidReasons: [...invalidReasons],
    };
  });
  return { ...createExampleResult(), experiment, plan, runs };
}

function toRecord(request: MadeUpRequest): RequestRecord {
  const { atMs, tookMs = 0, failed, unansweredAgeMs, connectedMs = 0 } = request;
  const endMs = atMs + (unansweredAgeMs ?? tookMs);
  return {
    outcome:
      failed !== undefined ? 'failed' : unansweredAgeMs !== undefined ? 'unanswered' : 'succeeded',
    intendedMs: atMs,
    sentMs: atMs,
    endMs,
    connectedMs: atMs + connectedMs,
    firstByteMs: unansweredAgeMs === undefined ? endMs : Number.NaN,
    ...{ connectionFreeMs: Number.NaN, taskMs: Number.NaN },
    kind: failed ?? '',
  };
}
