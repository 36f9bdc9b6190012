import type { MainSnapshot } from '../../workers/telemetry.ts';
import type { RunnerState } from '../compute/runner.ts';
import { clampRatio } from './event-loop.ts';

type Reading = ReturnType<RunnerState['workers'][number]['eventLoopUtilization']>;

/**
 * Measures every pool thread's utilisation from one call to the next. A thread that is seen for the first time
 * is left out: there is nothing to measure from.
 */
export function createWorkerUtilizationMeter() {
  let previous = new Map<number, Reading>();
  return (workers: RunnerState['workers']): MainSnapshot['workers'] => {
    const current = new Map(
      workers.map(({ threadId, eventLoopUtilization }) => [threadId, eventLoopUtilization()]),
    );
    const utilizations = workers.flatMap(({ threadId, eventLoopUtilization }) => {
      const [before, now] = [previous.get(threadId), current.get(threadId)];
      if (before === undefined || now === undefined) return [];
      const { utilization } = eventLoopUtilization(now, before);
      return Number.isNaN(utilization) ? [] : { threadId, utilization: clampRatio(utilization) };
    });
    previous = current;
    return utilizations;
  };
}
