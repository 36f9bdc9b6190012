import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findInvalidReasons } from '../../analysis/validity.ts';
import type { LabContext } from '../../lab-context.ts';
import type { ExperimentPlan, RunPlan } from '../../result/experiment-plan.ts';
import type { Calibration, RunResult } from '../../result/result.ts';
import { alignTelemetry, collectTelemetry } from '../../telemetry/collect-telemetry.ts';
import { readHostCpuTimes, toHost } from '../../telemetry/host-cpu.ts';
import { resolveStreams } from '../resolve-streams.ts';
import { withTarget } from '../with-target.ts';
import { type K6Choice, type K6Files, toK6Arguments, toK6Environment } from './invocation.ts';
import { toLoadResult } from './load-result.ts';
import { runK6 } from './run-k6.ts';
import { readK6Samples } from './samples.ts';
import { readMissedThresholds } from './summary.ts';

const progressIntervalMs = 10_000;

/** One run, and what k6 itself made of it. */
export interface K6Run {
  readonly result: RunResult;
  /** Of the script's thresholds; empty when k6 found that all of them hold. */
  readonly missedThresholds: readonly string[];
  /** Absolute. The dashboard is left out of runs that are too short for one. */
  readonly files: readonly string[];
}

/** Lets k6 load a fresh process of a run's target. `folder` is where k6 writes; the run's files there bear its name. */
export async function executeK6Run(
  lab: LabContext,
  plan: ExperimentPlan,
  run: RunPlan,
  calibration: Calibration,
  choice: K6Choice,
  folder: string,
): Promise<K6Run> {
  const streams = resolveStreams(plan, run, calibration.serviceTimeMs);
  const { warmupMs, measureMs } = run;
  const files = await prepareFiles(plan, run, folder);
  const { result, stop } = await withTarget(
    lab,
    plan,
    run.target,
    async ({ pid, ready, startMs }, signal) => {
      const telemetry = ready.adminPort === null ? null : collectTelemetry(ready.adminPort);
      const cpuBefore = readHostCpuTimes([pid]);
      const progress = tellTimeLeft(lab, warmupMs + measureMs);
      const env = toK6Environment(choice, files, run, streams, ready.port);
      const { thresholdsMissed } = await runK6({
        args: toK6Arguments(choice, files),
        env: { ...lab.baseEnv, ...env },
        signal,
      }).finally(() => clearInterval(progress));
      const cpuAfter = readHostCpuTimes([pid]);
      const samples = (await telemetry?.finish()) ?? [];
      const window = { startMs: warmupMs, lengthMs: measureMs, blockMs: plan.blockMs };
      const load = toLoadResult(await readK6Samples(files.samples), streams, window);
      return {
        load,
        thresholdsMissed,
        host: toHost(cpuBefore, cpuAfter),
        telemetry: alignTelemetry(samples, load.windowStartEpochMs),
        server: { mode: ready.mode, threads: ready.threads, startMs },
      };
    },
  );
  // A hundred times the size of what has become of it.
  await rm(files.samples);
  return {
    result: {
      plan: run,
      server: { ...result.server, stoppedGracefully: !stop.killed && stop.code === 0 },
      ...result.load,
      host: result.host,
      telemetry: result.telemetry,
      invalidReasons: findInvalidReasons(result.load, result.host),
    },
    missedThresholds: result.thresholdsMissed ? await readMissedThresholds(files.summary) : [],
    files: [files.summary, files.dashboard].filter(existsSync),
  };
}

async function prepareFiles(plan: ExperimentPlan, run: RunPlan, folder: string): Promise<K6Files> {
  const isRepeated = plan.runs.some(({ repetition }) => repetition > 1);
  const name = `k6-${run.target}-${run.offeredLoad}${isRepeated ? `-${run.repetition}` : ''}`;
  const config = join(folder, 'config.json');
  await writeFile(config, '{}\n');
  return {
    config,
    samples: join(folder, `${name}.csv`),
    summary: join(folder, `${name}.json`),
    dashboard: join(folder, `${name}.html`),
  };
}

function tellTimeLeft(lab: LabContext, durationMs: number): NodeJS.Timeout {
  const endMs = lab.nowMs() + durationMs;
  return setInterval(() => {
    const leftSec = Math.ceil((endMs - lab.nowMs()) / 1000);
    if (leftSec > 0) lab.progress(`  ${leftSec} s of this run left`);
  }, progressIntervalMs);
}
