import { request } from 'undici';
import { findBurstFaults } from '../analysis/burst-faults.ts';
import { startBurstClient } from '../burst/burst-client.ts';
import type { LabContext } from '../lab-context.ts';
import type { BurstCase, BurstSettings, LoopState } from '../result/burst-result.ts';
import type { ReadyMessage } from '../target/ready-message.ts';
import { collectTelemetry, type RawSample } from '../telemetry/collect-telemetry.ts';
import { findFirstTurnMs } from '../telemetry/heartbeat.ts';
import { readKernelCounters, subtractCounters } from '../telemetry/kernel-counters.ts';
import { blockLoop } from './block-loop.ts';
import { withTarget } from './with-target.ts';

const warmupRequests = 100;

/** One combination of what is compared. */
export interface BurstCaseKey {
  readonly backlog: number;
  readonly loop: LoopState;
}

/** Puts one burst on a fresh server process. `somaxconn` is the kernel's cap on the backlog; null: not known here. */
export async function executeBurstCase(
  lab: LabContext,
  { connections, blockMs, deadlineMs }: BurstSettings,
  { backlog, loop }: BurstCaseKey,
  somaxconn: number | null,
): Promise<BurstCase> {
  const settings = { COMPUTE_MODE: 'inline', BACKLOG: `${backlog}` };
  const plan = { targets: [{ name: 'inline', settings }] };
  const { result } = await withTarget(lab, plan, 'inline', async ({ ready }, signal) => {
    await warmUp(ready.port, signal);
    const client = await startBurstClient(
      { port: ready.port, connections, deadlineMs },
      { env: lab.baseEnv, signal },
    );
    let unblock = () => {};
    try {
      if (loop === 'blocked') unblock = await blockLoop(ready, blockMs, signal);
      const finishTelemetry = startTelemetry(ready);
      const before = readKernelCounters();
      const outcome = await client.run();
      const kernelCounters = subtractCounters(readKernelCounters(), before);
      const samples = await finishTelemetry();
      return { ...outcome, kernelCounters, ...readSamples(samples, outcome.startedEpochMs, loop) };
    } finally {
      unblock();
      await client.stop();
    }
  });
  return {
    backlog,
    loop,
    effectiveBacklog: somaxconn === null ? null : Math.min(backlog, somaxconn),
    ...result,
    faults: findBurstFaults(result),
  };
}

/** Lets the server run the code that the burst will, so that no case pays for compiling it. */
async function warmUp(port: number, signal: AbortSignal): Promise<void> {
  for (let sent = 0; sent < warmupRequests; sent += 1) {
    const { body } = await request(`http://127.0.0.1:${port}/health`, { reset: true, signal });
    await body.dump();
  }
}

function startTelemetry({ adminPort }: ReadyMessage): () => Promise<RawSample[]> {
  if (adminPort === null) return async () => [];
  const telemetry = collectTelemetry(adminPort);
  return () => telemetry.finish();
}

/** What the server's samples say of the time since the burst began. */
function readSamples(samples: readonly RawSample[], startedEpochMs: number, loop: LoopState) {
  const depths = samples
    .filter(({ timeMs }) => timeMs >= startedEpochMs)
    .map(({ acceptQueue }) => acceptQueue)
    .filter((depth) => depth !== null);
  return {
    blockedForMs: loop === 'blocked' ? findFirstTurnMs(samples, startedEpochMs) : null,
    acceptQueueMax: depths.length === 0 ? null : Math.max(...depths),
  };
}
