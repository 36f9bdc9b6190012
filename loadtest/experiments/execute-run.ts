import { findInvalidReasons } from '../analysis/validity.ts';
import { startGenerator } from '../generator/run-generator.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';
import type { Calibration, RunResult } from '../result/result.ts';
import { alignTelemetry, collectTelemetry } from '../telemetry/collect-telemetry.ts';
import { readHostCpuTimes, toHost } from '../telemetry/host-cpu.ts';
import { resolveStreams } from './resolve-streams.ts';
import { withTarget } from './with-target.ts';

/** Puts one run's load on a fresh process of its target. */
export async function executeRun(
  lab: LabContext,
  plan: ExperimentPlan,
  run: RunPlan,
  calibration: Calibration,
): Promise<RunResult> {
  const streams = resolveStreams(plan, run, calibration.serviceTimeMs);
  const { warmupMs, measureMs, drainMs } = run;
  // It starts while the server does, and waits.
  const generator = startGenerator({ env: lab.baseEnv });
  const { result, stop } = await withTarget(
    lab,
    plan,
    run.target,
    async ({ pid, ready, startMs }, signal) => {
      const telemetry = ready.adminPort === null ? null : collectTelemetry(ready.adminPort);
      const cpuBefore = readHostCpuTimes([pid, generator.pid].filter((one) => one !== undefined));
      const load = await generator.ask({
        plan: {
          port: ready.port,
          streams,
          openingPath: plan.openingPath,
          ...{ warmupMs, measureMs, drainMs, blockMs: plan.blockMs },
        },
        signal,
      });
      const cpuAfter = readHostCpuTimes([pid]);
      const samples = (await telemetry?.finish()) ?? [];
      const window = load.windowStartEpochMs;
      return {
        load,
        host: toHost(cpuBefore, cpuAfter),
        telemetry: alignTelemetry(samples, window),
        server: { mode: ready.mode, threads: ready.threads, startMs },
      };
    },
  ).finally(() => generator.dismiss());
  return {
    plan: run,
    server: { ...result.server, stoppedGracefully: !stop.killed && stop.code === 0 },
    ...result.load,
    host: result.host,
    telemetry: result.telemetry,
    invalidReasons: findInvalidReasons(result.load, result.host),
  };
}
