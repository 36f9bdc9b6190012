import type { ComputeObservation, MonitorOptions } from '../../workers/telemetry.ts';
import type { ComputeRunner } from '../compute/runner.ts';
import type { RequestCounts } from '../http/request-counts.ts';
import { createEventLoopMeter } from './event-loop.ts';
import { type MonitorThreadEvents, startMonitorThread } from './monitor-thread.ts';
import { createWorkerUtilizationMeter } from './worker-utilization.ts';

const beatIntervalMs = 100;

/** The monitor thread, seen from the main thread. */
export interface Monitor {
  /** The port of the admin listener. */
  readonly port: number;
  /** Takes note of the end of a computation. */
  record(observation: ComputeObservation): void;
  /** Starts to report on a runner and on a server that listens on `port`. */
  watch(runner: ComputeRunner, counts: RequestCounts, port: number): void;
  setReady(ready: boolean): void;
  stop(): Promise<void>;
}

/**
 * Starts the admin listener on a thread of its own: a blocked event loop cannot say that it is blocked. The
 * main thread only writes a heartbeat and posts a small snapshot, ten times a second.
 * Rejects with a `ListenError`.
 */
export async function startMonitor(
  options: Omit<MonitorOptions, 'heartbeat'>,
  onProblem: MonitorThreadEvents['onProblem'],
): Promise<Monitor> {
  const heartbeat = new BigInt64Array(new SharedArrayBuffer(8));
  const beat = () => Atomics.store(heartbeat, 0, process.hrtime.bigint());
  beat();

  let ready = false;
  let serverPort: number | undefined;
  const tellState = () => {
    thread.post({ type: 'ready', ready });
    if (serverPort !== undefined) thread.post({ type: 'listening', port: serverPort });
  };
  const thread = await startMonitorThread(
    { ...options, heartbeat },
    { onRestart: tellState, onProblem },
  );

  let observations: ComputeObservation[] = [];
  let takeSnapshot: (() => void) | undefined;
  const timer = setInterval(() => {
    beat();
    takeSnapshot?.();
  }, beatIntervalMs);
  timer.unref();
  return {
    port: thread.port,
    record: (observation) => observations.push(observation),
    watch(runner, counts, port) {
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
        thread.post({ type: 'snapshot', snapshot, observations });
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
