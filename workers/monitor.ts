import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { readAcceptQueue } from './monitor/accept-queue.ts';
import { createAdminListener } from './monitor/admin-listener.ts';
import { readMetrics, type Scrape } from './monitor/metrics.ts';
import { readRssBytes } from './monitor/process-facts.ts';
import { Series } from './monitor/series.ts';
import type { SharedSeries } from './monitor/shared-series.ts';
import { summarize } from './monitor/summary.ts';
import { readThreadCpuTimes } from './monitor/thread-cpu.ts';
import type {
  FromMonitor,
  MainFacts,
  MonitorOptions,
  TelemetrySample,
  ToMonitor,
} from './telemetry.ts';

/** Where this very module lives. */
export const moduleUrl = import.meta.url;

const sampleIntervalMs = 100;
// Half an interval's grace, so that a snapshot that is merely a little late leaves no gap.
const silenceMs = 1.5 * sampleIntervalMs;
// Ten missed heartbeats. A load balancer should look elsewhere well before a liveness probe gives up.
const readyMaxBlockMs = 10 * sampleIntervalMs;

// The main thread loads this module too, for its address.
if (parentPort !== null) runMonitor(parentPort, workerData as MonitorOptions);

function runMonitor(main: NonNullable<typeof parentPort>, options: MonitorOptions): void {
  const samples = new Series();
  const sharedSeries: SharedSeries[] = [];
  const readUtilization = createUtilizationMeter();
  let fromMain: Scrape['main'];
  let listeningPort: number | undefined;
  let ready = false;

  const heartbeatAgeMs = () =>
    Number(process.hrtime.bigint() - Atomics.load(options.heartbeat, 0)) / 1e6;

  // Processor time and memory are the whole process's, whichever thread asks.
  const processFacts = () => {
    const { user, system } = process.cpuUsage();
    const threads = readThreadCpuTimes();
    return {
      heartbeatAgeMs: heartbeatAgeMs(),
      cpuMs: (user + system) / 1000,
      mainThreadCpuMs: threads?.mainThreadCpuMs ?? null,
      computeThreadsCpuMs: threads?.computeThreadsCpuMs ?? null,
      rssBytes: readRssBytes(),
      acceptQueue: listeningPort === undefined ? null : readAcceptQueue(listeningPort),
    };
  };

  let gap: NodeJS.Timeout | undefined;
  // A sample per snapshot, and samples without one for as long as none comes.
  const sample = (main: TelemetrySample['main']) => {
    samples.add({ timeMs: Date.now(), ...processFacts(), main });
    clearTimeout(gap);
    gap = setTimeout(() => sample(null), main === null ? sampleIntervalMs : silenceMs);
  };

  sample(null);

  main.on('message', (message: ToMonitor) => {
    if (message.type === 'listening') listeningPort = message.port;
    else if (message.type === 'ready') ready = message.ready;
    else if (message.type === 'series') sharedSeries.push(message.series);
    else {
      fromMain = message;
      sample({ ...message.snapshot, computeEnded: summarize(message.observations) });
    }
  });

  const tell = (message: FromMonitor) => main.postMessage(message);
  const listener = createAdminListener({
    heartbeatAgeMs,
    livenessMaxBlockMs: options.livenessMaxBlockMs,
    notReadyReasons: () => [
      ...(ready ? [] : ['starting or shutting down']),
      ...((fromMain?.snapshot.computeHealthy ?? true) ? [] : ['the pool has no thread left']),
      ...(heartbeatAgeMs() <= readyMaxBlockMs ? [] : ['the event loop is blocked']),
    ],
    metrics: () => {
      const metrics = readMetrics({
        main: fromMain,
        process: processFacts(),
        startTimeMs: options.startTimeMs,
        series: sharedSeries,
        eventLoopDelay: options.eventLoopDelay,
        eventLoopUtilization: readUtilization(fromMain?.facts),
      });
      options.eventLoopDelay.histogram.reset();
      return metrics;
    },
    samplesSince: (sequence) => samples.since(sequence),
    sampleIntervalMs,
    onError: (error) => tell({ type: 'problem', error }),
  });
  listener.on('error', (error: NodeJS.ErrnoException) => {
    // While it listens, one connection more that cannot be accepted.
    if (listener.listening) tell({ type: 'problem', error });
    else tell({ type: 'failed', code: error.code, message: error.message });
  });
  listener.listen(options.port, options.host, () =>
    tell({ type: 'listening', port: (listener.address() as AddressInfo).port }),
  );
}

/** Measures how busy the main thread's event loop was from one call to the next that finds it has turned. */
function createUtilizationMeter() {
  let before = { eventLoopActiveMs: 0, eventLoopIdleMs: 0 };
  let utilization: number | undefined;
  return (now: MainFacts | undefined): number | undefined => {
    if (now === undefined) return undefined;
    const activeMs = now.eventLoopActiveMs - before.eventLoopActiveMs;
    const idleMs = now.eventLoopIdleMs - before.eventLoopIdleMs;
    if (activeMs + idleMs > 0) utilization = activeMs / (activeMs + idleMs);
    before = now;
    return utilization;
  };
}
