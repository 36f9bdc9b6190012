import { setTimeout as delay } from 'node:timers/promises';
import type { GeneratorClock } from '../generator/run-load.ts';
import type { ClosedLoopResult } from '../result/closed-loop-result.ts';
import type { ClosedLoopPlan } from './closed-loop-plan.ts';
import { type EndpointLoad, loadEndpoint } from './load-endpoint.ts';

/**
 * Carries out a plan in this process. All endpoints share one window, which begins and ends at the same moment
 * for all of them. Rejects when autocannon gives an endpoint up, and when its books and ours do not agree.
 */
export async function runClosedLoop(
  plan: ClosedLoopPlan,
  clock: Omit<GeneratorClock, 'isRealTime'>,
): Promise<ClosedLoopResult> {
  const nowMs = () => clock.now();
  const loads = plan.endpoints.map((endpoint) => loadEndpoint(plan, endpoint, nowMs));
  const over = new AbortController();
  try {
    const finished = Promise.all(loads.map((load) => load.finished));
    const [result] = await Promise.all([
      Promise.race([measureWindow(plan, loads, clock, over.signal), finished.then(stoppedEarly)]),
      finished,
    ]);
    return result;
  } finally {
    over.abort();
    for (const load of loads) load.stop();
  }
}

function stoppedEarly(): never {
  throw new Error('autocannon stopped before its time');
}

async function measureWindow(
  plan: ClosedLoopPlan,
  loads: readonly EndpointLoad[],
  clock: Omit<GeneratorClock, 'isRealTime'>,
  signal: AbortSignal,
): Promise<ClosedLoopResult> {
  await delay(plan.warmupMs, undefined, { signal });
  const startMs = clock.now();
  const windowStartEpochMs = clock.epochMs();
  const utilizationAtStart = clock.eventLoopUtilization();
  for (const { recorder } of loads) recorder.startWindow();

  await delay(plan.measureMs, undefined, { signal });
  const endMs = clock.now();
  const { utilization } = clock.eventLoopUtilization(utilizationAtStart);
  const endpoints = loads.map(({ endpoint, recorder }) => ({
    ...endpoint,
    ...recorder.endWindow(endMs),
  }));
  for (const load of loads) load.stop();
  return {
    windowStartEpochMs,
    windowMs: endMs - startMs,
    eventLoopUtilization: Math.min(1, Math.max(0, utilization)),
    endpoints,
  };
}
