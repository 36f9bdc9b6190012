import type { MainSnapshot } from '../../workers/telemetry.ts';
import type { RunnerState } from '../compute/runner.ts';
import { clampRatio } from './event-loop.ts';

type Reading = ReturnType<RunnerState['workers'][number]['eventLoopUtilization']>;

/** Measures every pool thread's utilisation from one call to the next; a new thread starts with its first. */
export function createWorkerUtilizationMeter() {
  let previous = new Map<number, Reading>();
  return (workers: RunnerState['workers']): MainSnapshot['workers'] => {
    const current = new Map<number, Reading>();
    const utilizations = workers.map(({ threadId, eventLoopUtilization }) => {
      const now = eventLoopUtilization();
      current.set(threadId, now);
      const { utilization } = eventLoopUtilization(now, previous.get(threadId) ?? now);
      return { threadId, utilization: clampRatio(utilization) };
    });
    previous = current;
    return utilizations;
  };
}
