import { getHeapStatistics } from 'node:v8';
import type { ComputeObservation, MonitorOptions } from '../../workers/telemetry.ts';
import type { ComputeRunner } from '../compute/runner.ts';
import type { RecordRequest, RequestCounts } from '../http/request-counts.ts';
import { collectEventLoopDelays, createEventLoopMeter, readEventLoopTimes } from './event-loop.ts';
import { createMeters } from './meters.ts';
import { type MonitorThreadEvents, startMonitorThread } from './monitor-thread.ts';
import { createWorkerUtilizationMeter } from './worker-utilization.ts';

const beatIntervalMs = 100;

/** The monitor thread, seen from the main thread. */
export interface Monitor {
  /** The port of the admin listener. */
  readonly port: number;
  /** Takes note of the end of a computation. */
  recordComputation(observation: ComputeObservation): void;
  /** Takes note of the end of a request. */
  recordRequest: RecordRequest;
  /** Starts to report on a server. */
  watch(server: WatchedServer): void;
  setReady(ready: boolean): void;
  stop(): Promise<void>;
}

/** What a monitor reports on. */
export interface WatchedServer {
  runner: ComputeRunner;
  counts: Readonly<RequestCounts>;
  /** Where it listens. */
  port: number;
  /** Lines that could not be printed, by output. */
  linesDropped: () => Readonly<Record<string, number>>;
}

/**
 * Starts the admin listener on a thread of its own: a blocked event loop cannot say that it is blocked. The
 * main thread only writes a heartbeat and posts a small snapshot, ten times a second.
 * Rejects with a `ListenError`.
 */
export async function startMonitor(
  options: Pick<MonitorOptions, 'host' | 'port' | 'livenessMaxBlockMs'>,
  onProblem: MonitorThreadEvents['onProblem'],
): Promise<Monitor> {
  const heartbeat = new BigInt64Array(new SharedArrayBuffer(8));
  const beat = () => Atomics.store(heartbeat, 0, process.hrtime.bigint());
  beat();

  let ready = false;
  let serverPort: number | undefined;
  let monitorRestarts = 0;
  const tellState = () => {
    thread.post({ type: 'ready', ready });
    if (serverPort !== undefined) thread.post({ type: 'listening', port: serverPort });
  };
  const thread = await startMonitorThread(
    {
      ...options,
      heartbeat,
      eventLoopDelay: collectEventLoopDelays(),
      startTimeMs: performance.timeOrigin,
    },
    {
      onRestart() {
        monitorRestarts++;
        tellState();
        for (const series of meters.series) thread.post({ type: 'series', series });
      },
      onProblem,
    },
  );
  const meters = createMeters((series) => thread.post({ type: 'series', series }));

  let observations: ComputeObservation[] = [];
  let takeSnapshot: (() => void) | undefined;
  const timer = setInterval(() => {
    beat();
    takeSnapshot?.();
  }, beatIntervalMs);
  timer.unref();
  return {
    port: thread.port,
    recordRequest: meters.countRequest,
    recordComputation(observation) {
      meters.countComputation(observation);
      observations.push(observation);
    },
    watch({ runner, counts, port, linesDropped }) {
      const eventLoop = createEventLoopMeter();
      const readWorkers = createWorkerUtilizationMeter();
      serverPort = port;
      tellState();
      takeSnapshot = () => {
        const { inFlight, waiting, workersReplaced, workers } = runner.state();
        const snapshot = {
          ...eventLoop.read(),
          ...counts,
          computeInFlight: inFlight,
          computeWaiting: waiting,
          computeHealthy: runner.isHealthy(),
          workersReplacedTotal: workersReplaced,
          workers: readWorkers(workers),
        };
        const heap = getHeapStatistics();
        const facts = {
          heapTotalBytes: heap.total_heap_size,
          heapUsedBytes: heap.used_heap_size,
          externalBytes: heap.external_memory,
          ...readEventLoopTimes(),
          poolThreads: workers.length,
          linesDropped: linesDropped(),
          monitorRestarts,
        };
        thread.post({ type: 'snapshot', snapshot, facts, observations });
        observations = [];
      };
    },
    setReady(isReady) {
      ready = isReady;
      tellState();
    },
    async stop() {
      clearInterval(timer);
      await thread.stop();
    },
  };
}
