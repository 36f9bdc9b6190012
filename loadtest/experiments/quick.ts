import {
  findQuickInvalidReasons,
  meanServerUtilization,
  summarizeEndpoint,
} from '../analysis/quick-summary.ts';
import { runAutocannon } from '../autocannon/run-autocannon.ts';
import type { LabContext } from '../lab-context.ts';
import type { QuickPhase, QuickPlan, QuickResult, QuickRun } from '../result/quick-result.ts';
import { readEnvironment } from '../result/read-environment.ts';
import type { ReadyMessage } from '../target/ready-message.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { alignTelemetry, collectTelemetry } from '../telemetry/collect-telemetry.ts';
import { withTarget } from './with-target.ts';

/** A request that is older is given up: far above what a phase of the default length can see. */
const timeoutMs = 10_000;

/** The quick check: autocannon's closed loop on a fresh server of each mode, without and with /compute pressed. */
export async function runQuick(lab: LabContext, plan: QuickPlan): Promise<QuickResult> {
  const createdAt = lab.date().toISOString();
  const runs: QuickRun[] = [];
  for (const mode of plan.modes) runs.push(await runMode(lab, plan, mode));
  return {
    schemaVersion: 1,
    experiment: 'quick',
    model: 'closed',
    createdAt,
    environment: readEnvironment(findProjectRoot()),
    plan,
    runs,
  };
}

async function runMode(
  lab: LabContext,
  plan: QuickPlan,
  mode: QuickRun['mode'],
): Promise<QuickRun> {
  const targets = [{ name: mode, settings: { ...plan.settings, COMPUTE_MODE: mode } }];
  const phaseSec = (plan.warmupMs + plan.measureMs) / 1000;
  const { result, stop } = await withTarget(lab, { targets }, mode, async (target, signal) => {
    const { ready, startMs } = target;
    const phases: QuickPhase[] = [];
    for (const pressed of [false, true]) {
      const state = pressed ? 'pressed' : 'quiet';
      lab.progress(`${mode}, /compute ${state}: ${phaseSec.toFixed(1)} s of load`);
      phases.push(await runPhase(lab, plan, ready, pressed, signal));
    }
    return { phases, threads: ready.threads, startMs };
  });
  const { phases, ...server } = result;
  const stoppedGracefully = !stop.killed && stop.code === 0;
  return { mode, server: { ...server, stoppedGracefully }, phases };
}

async function runPhase(
  lab: LabContext,
  plan: QuickPlan,
  { port, adminPort }: ReadyMessage,
  pressed: boolean,
  signal: AbortSignal,
): Promise<QuickPhase> {
  const telemetry = adminPort === null ? null : collectTelemetry(adminPort);
  const endpoints = [
    { path: '/users', connections: plan.connections.users },
    { path: '/health', connections: plan.connections.health },
    ...(pressed ? [{ path: '/compute', connections: plan.pressingConnections }] : []),
  ];
  const { warmupMs, measureMs } = plan;
  const load = await runAutocannon(
    { port, endpoints, warmupMs, measureMs, timeoutMs },
    { env: lab.baseEnv, signal },
  ).catch((error: unknown) => {
    // Else its timer would keep the lab waiting for the next poll.
    telemetry?.finish().catch(() => {});
    throw error;
  });
  const { windowMs, windowStartEpochMs } = load;
  const points = alignTelemetry((await telemetry?.finish()) ?? [], windowStartEpochMs);
  const figures = load.endpoints.map((endpoint) => summarizeEndpoint(endpoint, windowMs));
  return {
    pressed,
    windowMs,
    eventLoopUtilization: {
      generator: load.eventLoopUtilization,
      server: meanServerUtilization(points, windowMs),
    },
    endpoints: figures,
    invalidReasons: findQuickInvalidReasons(figures),
  };
}
