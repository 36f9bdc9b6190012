import type { TelemetryPoint } from '../../loadtest/result/telemetry.ts';

const nothing: TelemetryPoint = {
  atMs: 0,
  heartbeatAgeMs: 1,
  cpuMs: 1,
  mainThreadCpuMs: null,
  computeThreadsCpuMs: null,
  rssBytes: 1,
  acceptQueue: null,
  main: null,
};

/** Telemetry of which nothing matters but how deep the accept queue was. */
export function createQueueSample(atMs: number, acceptQueue: number | null): TelemetryPoint {
  return { ...nothing, atMs, acceptQueue };
}

/** Telemetry of which nothing matters but how busy the event loop was; `null`: it was blocked and could not tell. */
export function createLoopSample(
  atMs: number,
  eventLoopUtilization: number | null,
): TelemetryPoint {
  if (eventLoopUtilization === null) return { ...nothing, atMs };
  return {
    ...nothing,
    atMs,
    main: {
      eventLoopDelayMs: null,
      eventLoopUtilization,
      requestsInFlight: 0,
      computeInFlight: 0,
      computeWaiting: 0,
      workers: [],
      connectionsTotal: 0,
      requestsTotal: 0,
      computeEnded: { outcomes: {}, queueWaitMaxMs: null, serviceTimeMaxMs: null },
    },
  };
}
