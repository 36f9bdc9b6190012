import { once } from 'node:events';
import { moduleUrl } from '../../workers/monitor.ts';
import type {
  ComputeObservation,
  FromMonitor,
  MonitorOptions,
  ToMonitor,
} from '../../workers/telemetry.ts';
import type { ComputeRunner } from '../compute/runner.ts';
import type { RequestCounts } from '../http/request-counts.ts';
import { ListenError } from '../listen.ts';
import { createEventLoopMeter } from './event-loop.ts';
import { startThread } from './start-thread.ts';
import { createWorkerUtilizationMeter } from './worker-utilization.ts';

const beatIntervalMs = 100;
const adminListener = {
  name: 'the admin listener',
  hostSetting: 'ADMIN_HOST',
  portSetting: 'ADMIN_PORT',
};

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
 * Rejects with a {@link ListenError}.
 */
export async function startMonitor(options: Omit<MonitorOptions, 'heartbeat'>): Promise<Monitor> {
  const heartbeat = new BigInt64Array(new SharedArrayBuffer(8));
  const beat = () => Atomics.store(heartbeat, 0, process.hrtime.bigint());
  beat();
  const workerData: MonitorOptions = { ...options, heartbeat };
  const thread = startThread(moduleUrl, { workerData, name: 'monitor' });
  const [message] = (await once(thread, 'message')) as [FromMonitor];
  if (message.type === 'failed') {
    await thread.terminate();
    throw new ListenError(adminListener, options, message);
  }

  const post = (out: ToMonitor) => thread.postMessage(out);
  let observations: ComputeObservation[] = [];
  let takeSnapshot: (() => void) | undefined;
  const timer = setInterval(() => {
    beat();
    takeSnapshot?.();
  }, beatIntervalMs);
  timer.unref();
  thread.unref();
  return {
    port: message.port,
    record: (observation) => observations.push(observation),
    watch(runner, counts, port) {
      const eventLoop = createEventLoopMeter();
      const readWorkers = createWorkerUtilizationMeter();
      post({ type: 'listening', port });
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
        post({ type: 'snapshot', snapshot, observations });
        observations = [];
      };
    },
    setReady: (ready) => post({ type: 'ready', ready }),
    async stop() {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}
