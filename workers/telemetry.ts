import type { Histogram } from 'node:perf_hooks';
import type { SharedSeries } from './monitor/shared-series.ts';

/** One end of one computation, as seen by the main thread. */
export interface ComputeObservation {
  /** `OK`, `CLIENT_GONE`, or the code of the error the client was sent. */
  outcome: string;
  queueWaitMs?: number;
  serviceTimeMs?: number;
}

/** What the main thread tells of itself ten times a second, while its event loop turns. */
export interface MainSnapshot {
  /** Over the time since the snapshot before; null when the loop took no measurement in it. */
  eventLoopDelayMs: { p99: number; max: number } | null;
  /** 0…1, over the time since the snapshot before. */
  eventLoopUtilization: number;
  requestsTotal: number;
  requestsInFlight: number;
  connectionsTotal: number;
  /** Running computations. */
  computeInFlight: number;
  /** Computations waiting at the gate. */
  computeWaiting: number;
  /** False once no thread is left to compute on. */
  computeHealthy: boolean;
  workersReplacedTotal: number;
  /** 0…1 per living pool thread, over the time since the snapshot before. */
  workers: { threadId: number; utilization: number }[];
}

/** What else the main thread tells with each snapshot, for the metrics alone. */
export interface MainFacts {
  heapTotalBytes: number;
  heapUsedBytes: number;
  /** Outside of the heap, held by objects in it. */
  externalBytes: number;
  /** How long the event loop was busy since the start, and how long it waited. */
  eventLoopActiveMs: number;
  eventLoopIdleMs: number;
  /** Living threads of the pool. */
  poolThreads: number;
  /** Lines that were not printed, by output. */
  linesDropped: Readonly<Record<string, number>>;
  monitorRestarts: number;
}

/** One moment of the server's life; kept for a minute, read from `/telemetry`. */
export interface TelemetrySample {
  /** Counts up by one a sample. */
  sequence: number;
  /** Milliseconds since 1970. */
  timeMs: number;
  /** How long ago the event loop last turned. */
  heartbeatAgeMs: number;
  /** User and system time of the whole process since its start. */
  cpuMs: number;
  /** The same of the main thread alone; null where the system does not tell. */
  mainThreadCpuMs: number | null;
  /** The same of each living pool thread; null where the system does not tell. */
  computeThreadsCpuMs: number[] | null;
  rssBytes: number | null;
  /** Connections the kernel has accepted and the server has not; null where the system does not tell. */
  acceptQueue: number | null;
  /** null when the event loop told nothing since the sample before: a gap, not zeros. */
  main: (MainSnapshot & { computeEnded: ComputeSummary }) | null;
}

/** The computations that ended within one sample. */
export interface ComputeSummary {
  outcomes: Record<string, number>;
  queueWaitMaxMs: number | null;
  serviceTimeMaxMs: number | null;
}

/** What the monitor thread is started with. */
export interface MonitorOptions {
  /** One cell: nanoseconds of the monotonic clock when the event loop last turned. */
  heartbeat: BigInt64Array;
  /** Delays of the main thread's event loop, each with up to `resolutionMs` that are none. Both threads see the same. */
  eventLoopDelay: { histogram: Histogram; resolutionMs: number };
  /** When the process started, in milliseconds since 1970. */
  startTimeMs: number;
  host: string;
  port: number;
  livenessMaxBlockMs: number;
}

/** From the main thread to the monitor thread. */
export type ToMonitor =
  | {
      type: 'snapshot';
      snapshot: MainSnapshot;
      facts: MainFacts;
      observations: ComputeObservation[];
    }
  | { type: 'series'; series: SharedSeries }
  | { type: 'listening'; port: number }
  | { type: 'ready'; ready: boolean };

/** From the monitor thread to the main thread: it listens, it cannot, or it met with an error and goes on. */
export type FromMonitor =
  | { type: 'listening'; port: number }
  | { type: 'failed'; code: string | undefined; message: string }
  | { type: 'problem'; error: unknown };
