import type { MainFacts, MainSnapshot, MonitorOptions, TelemetrySample } from '../telemetry.ts';
import type { Metric } from './exposition.ts';
import { countOpenDescriptors, readMaxDescriptors } from './process-facts.ts';
import type { SharedSeries } from './shared-series.ts';

/** What the metrics are made of at the moment of a scrape. */
export interface Scrape {
  /** What the main thread last told; undefined before its first word. */
  main: { snapshot: MainSnapshot; facts: MainFacts } | undefined;
  process: Pick<TelemetrySample, 'heartbeatAgeMs' | 'rssBytes' | 'acceptQueue'>;
  startTimeMs: number;
  series: readonly SharedSeries[];
  /** Since the scrape before. */
  eventLoopDelay: MonitorOptions['eventLoopDelay'];
  /** 0…1, of the main thread's event loop since the scrape before. */
  eventLoopUtilization: number | undefined;
}

/**
 * Every metric. What concerns Node and the process has the names and units of prom-client's default metrics, which
 * dashboards for Node read; of those with a value that is not known here, no sample is shown.
 */
export function readMetrics(scrape: Scrape): Metric[] {
  const { main } = scrape;
  const { histogram: delays, resolutionMs } = scrape.eventLoopDelay;
  const { user, system } = process.cpuUsage();
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  const delaySec = (ns: number) =>
    delays.count === 0 ? undefined : Math.max(0, ns / 1e6 - resolutionMs) / 1000;
  const series = (name: string) => scrape.series.filter(({ metric }) => metric === name);
  const counters = (name: string) =>
    series(name).map(({ labels, cells }) => ({ labels, value: cells[0] ?? 0 }));
  const histogram = (name: string, help: string): Metric => ({
    name,
    help,
    type: 'histogram',
    samples: series(name),
  });

  return [
    counter('process_cpu_user_seconds_total', 'User CPU time of the process.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'System CPU time of the process.', system / 1e6),
    counter(
      'process_cpu_seconds_total',
      'User and system CPU time of the process.',
      (user + system) / 1e6,
    ),
    gauge(
      'process_start_time_seconds',
      'When the process started, in seconds since 1970.',
      scrape.startTimeMs / 1000,
    ),
    gauge(
      'process_resident_memory_bytes',
      'Resident memory of the process.',
      scrape.process.rssBytes,
    ),
    gauge('process_open_fds', 'Open file descriptors.', countOpenDescriptors()),
    gauge('process_max_fds', 'File descriptors that may be open.', readMaxDescriptors()),

    {
      ...gauge('nodejs_version_info', 'Version of Node.', 1),
      samples: [{ labels: { version: process.version, major, minor, patch }, value: 1 }],
    },
    gauge(
      'nodejs_heap_size_total_bytes',
      "Size of the main thread's heap.",
      main?.facts.heapTotalBytes,
    ),
    gauge(
      'nodejs_heap_size_used_bytes',
      "Used part of the main thread's heap.",
      main?.facts.heapUsedBytes,
    ),
    gauge(
      'nodejs_external_memory_bytes',
      "Memory outside of the main thread's heap that belongs to objects in it.",
      main?.facts.externalBytes,
    ),
    gauge(
      'nodejs_eventloop_lag_seconds',
      'Longest delay of the event loop in the last 100 ms.',
      toSec(main?.snapshot.eventLoopDelayMs?.max),
    ),
    gauge(
      'nodejs_eventloop_lag_min_seconds',
      'Shortest delay of the event loop since the scrape before.',
      delaySec(delays.min),
    ),
    gauge(
      'nodejs_eventloop_lag_max_seconds',
      'Longest delay of the event loop since the scrape before.',
      delaySec(delays.max),
    ),
    gauge(
      'nodejs_eventloop_lag_mean_seconds',
      'Mean delay of the event loop since the scrape before.',
      delaySec(delays.mean),
    ),
    gauge(
      'nodejs_eventloop_lag_stddev_seconds',
      'Standard deviation of the delays of the event loop since the scrape before.',
      delays.count === 0 ? undefined : delays.stddev / 1e9,
    ),
    ...[50, 90, 99].map((percent) =>
      gauge(
        `nodejs_eventloop_lag_p${percent}_seconds`,
        `${percent}th percentile of the delays of the event loop since the scrape before.`,
        delaySec(delays.percentile(percent)),
      ),
    ),
    gauge(
      'nodejs_eventloop_utilization',
      'Share of the time since the scrape before in which the event loop was busy.',
      scrape.eventLoopUtilization,
    ),
    gauge(
      'offload_eventloop_heartbeat_age_seconds',
      'How long ago the event loop last turned: grows while it is blocked.',
      toSec(scrape.process.heartbeatAgeMs),
    ),

    histogram(
      'http_request_duration_seconds',
      'From the arrival of a request to the end of its answer, by method, route and status; 499 for clients that left before it.',
    ),
    gauge(
      'offload_http_requests_in_flight',
      'Requests not yet answered.',
      main?.snapshot.requestsInFlight,
    ),
    counter(
      'offload_http_connections_total',
      'Connections accepted.',
      main?.snapshot.connectionsTotal,
    ),
    gauge(
      'offload_http_accept_queue_connections',
      'Connections the kernel holds until the server accepts them.',
      scrape.process.acceptQueue,
    ),

    gauge('offload_compute_running', 'Computations running.', main?.snapshot.computeInFlight),
    gauge(
      'offload_compute_waiting',
      'Computations waiting for a thread.',
      main?.snapshot.computeWaiting,
    ),
    histogram(
      'offload_compute_queue_wait_seconds',
      'How long computations that finished had waited for a thread.',
    ),
    histogram('offload_compute_duration_seconds', 'How long computations that finished ran.'),
    {
      name: 'offload_compute_outcomes_total',
      help: 'Ended computations by outcome: OK, CLIENT_GONE, or the code of the error the client was sent.',
      type: 'counter',
      samples: counters('offload_compute_outcomes_total'),
    },

    gauge('offload_pool_threads', 'Threads of the pool.', main?.facts.poolThreads),
    counter(
      'offload_pool_threads_replaced_total',
      'Pool threads started in the place of lost ones.',
      main?.snapshot.workersReplacedTotal,
    ),
    {
      ...gauge(
        'offload_pool_thread_utilization_ratio',
        'Share of the last 100 ms in which a pool thread was busy.',
        undefined,
      ),
      samples: (main?.snapshot.workers ?? []).map(({ threadId, utilization }) => ({
        labels: { thread: String(threadId) },
        value: utilization,
      })),
    },

    {
      ...counter(
        'offload_output_lines_dropped_total',
        'Lines that were not printed, because nobody reads stdout or stderr fast enough or at all.',
        undefined,
      ),
      samples: Object.entries(main?.facts.linesDropped ?? {}).map(([output, value]) => ({
        labels: { output },
        value,
      })),
    },
    counter(
      'offload_monitor_restarts_total',
      'How often the monitor thread was started again.',
      main?.facts.monitorRestarts,
    ),
  ];
}

type Value = number | null | undefined;

function gauge(name: string, help: string, value: Value) {
  return { name, help, type: 'gauge' as const, samples: toSamples(value) };
}

function counter(name: string, help: string, value: Value) {
  return { name, help, type: 'counter' as const, samples: toSamples(value) };
}

function toSamples(value: Value): { value: number }[] {
  return typeof value === 'number' && !Number.isNaN(value) ? [{ value }] : [];
}

function toSec(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
