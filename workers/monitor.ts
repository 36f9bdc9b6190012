import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { readAcceptQueue } from './monitor/accept-queue.ts';
import { createAdminListener } from './monitor/admin-listener.ts';
import { createMetrics } from './monitor/prometheus.ts';
import { readRssBytes } from './monitor/rss.ts';
import { Series } from './monitor/series.ts';
import { summarize } from './monitor/summary.ts';
import { readThreadCpuTimes } from './monitor/thread-cpu.ts';
import type { FromMonitor, MonitorOptions, TelemetrySample, ToMonitor } from './telemetry.ts';

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
  const metrics = createMetrics();
  const series = new Series();
  let listeningPort: number | undefined;
  let ready = false;
  let computeHealthy = true;

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
  const sample = (fromMain: TelemetrySample['main']) => {
    series.add({ timeMs: Date.now(), ...processFacts(), main: fromMain });
    clearTimeout(gap);
    gap = setTimeout(() => sample(null), fromMain === null ? sampleIntervalMs : silenceMs);
  };

  sample(null);

  main.on('message', (message: ToMonitor) => {
    if (message.type === 'listening') listeningPort = message.port;
    else if (message.type === 'ready') ready = message.ready;
    else {
      computeHealthy = message.snapshot.computeHealthy;
      metrics.record(message.snapshot, message.observations);
      sample({ ...message.snapshot, computeEnded: summarize(message.observations) });
    }
  });

  const tell = (message: FromMonitor) => main.postMessage(message);
  const listener = createAdminListener({
    heartbeatAgeMs,
    livenessMaxBlockMs: options.livenessMaxBlockMs,
    notReadyReasons: () => [
      ...(ready ? [] : ['starting or shutting down']),
      ...(computeHealthy ? [] : ['the pool has no thread left']),
      ...(heartbeatAgeMs() <= readyMaxBlockMs ? [] : ['the event loop is blocked']),
    ],
    metrics: async () => ({
      contentType: metrics.contentType,
      text: await metrics.render(processFacts()),
    }),
    samplesSince: (sequence) => series.since(sequence),
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
