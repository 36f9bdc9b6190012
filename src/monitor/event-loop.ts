import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { MainFacts, MainSnapshot, MonitorOptions } from '../../workers/telemetry.ts';

const resolutionMs = 10;

/**
 * Measures this thread's event loop from one call to the next. Both figures are differences between two
 * adjacent calls: an average since the start would hide a loop that has only now become busy.
 */
export function createEventLoopMeter() {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let previous = performance.eventLoopUtilization();
  return {
    read(): Pick<MainSnapshot, 'eventLoopDelayMs' | 'eventLoopUtilization'> {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, previous);
      previous = now;
      // The histogram holds times between two timer ticks, the timer's own period included.
      const toDelayMs = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs);
      const eventLoopDelayMs =
        delay.count === 0
          ? null
          : { p99: toDelayMs(delay.percentile(99)), max: toDelayMs(delay.max) };
      delay.reset();
      return { eventLoopDelayMs, eventLoopUtilization: clampRatio(utilization) };
    },
    stop(): void {
      delay.disable();
    },
  };
}

/** Starts to collect delays of this thread's event loop for the metrics, in a histogram that threads can share. */
export function collectEventLoopDelays(): MonitorOptions['eventLoopDelay'] {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return { histogram, resolutionMs };
}

/** How long this thread's event loop was busy since the start, and how long it waited. */
export function readEventLoopTimes(): Pick<MainFacts, 'eventLoopActiveMs' | 'eventLoopIdleMs'> {
  const { active, idle } = performance.eventLoopUtilization();
  return { eventLoopActiveMs: active, eventLoopIdleMs: idle };
}

/** Very short intervals can come out slightly below 0 or above 1 (nodejs/node#40525). */
export function clampRatio(ratio: number): number {
  return Math.min(1, Math.max(0, ratio));
}
