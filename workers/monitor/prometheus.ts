import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ComputeObservation, MainSnapshot } from '../telemetry.ts';

/** What is only known at the moment of a scrape. */
export interface ScrapeFacts {
  heartbeatAgeMs: number;
  cpuMs: number;
  rssBytes: number | null;
  acceptQueue: number | null;
}

// Around the times a single CPU-bound request takes, from far below one scheduler tick to the deadline.
const bucketsSec = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The metrics in Prometheus's terms: base units, and counters that only grow. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, buckets: bucketsSec, registers });

  const heartbeatAge = gauge(
    'event_loop_heartbeat_age_seconds',
    'Time since the event loop last turned.',
  );
  const delayMax = gauge(
    'event_loop_delay_max_seconds',
    'Longest event-loop delay of the last 100 ms.',
  );
  const delayP99 = gauge(
    'event_loop_delay_p99_seconds',
    '99th percentile of the event-loop delay over the last 100 ms.',
  );
  const utilization = gauge(
    'event_loop_utilization_ratio',
    'Share of the last 100 ms in which the event loop was busy.',
  );
  const cpu = counter('process_cpu_seconds_total', 'User and system CPU time of the process.');
  const rss = gauge('process_resident_memory_bytes', 'Resident memory of the process.');
  const acceptQueue = gauge(
    'http_accept_queue_connections',
    'Connections the kernel holds until the server accepts them.',
  );
  const requests = counter('http_requests_total', 'Requests received.');
  const requestsInFlight = gauge('http_requests_in_flight', 'Requests not yet answered.');
  const connections = counter('http_connections_total', 'Connections accepted.');
  const inFlight = gauge('compute_in_flight', 'Computations running.');
  const waiting = gauge('compute_waiting', 'Computations waiting for a thread.');
  const replaced = counter('compute_workers_replaced_total', 'Pool threads that were replaced.');
  const workerUtilization = new Gauge({
    name: 'compute_worker_utilization_ratio',
    help: 'Share of the last 100 ms in which a pool thread was busy.',
    labelNames: ['thread'],
    registers,
  });
  const outcomes = new Counter({
    name: 'compute_outcomes_total',
    help: 'Ended computations by outcome: OK, CLIENT_GONE, or the error code the client was sent.',
    labelNames: ['outcome'],
    registers,
  });
  const queueWait = histogram('compute_queue_wait_seconds', 'Time computations waited.');
  const serviceTime = histogram('compute_service_time_seconds', 'Time computations ran.');

  return {
    contentType: registry.contentType,

    /** Takes over what the main thread told. */
    record(snapshot: MainSnapshot, observations: readonly ComputeObservation[]): void {
      delayMax.set(toSec(snapshot.eventLoopDelayMs?.max));
      delayP99.set(toSec(snapshot.eventLoopDelayMs?.p99));
      utilization.set(snapshot.eventLoopUtilization);
      raiseTo(requests, snapshot.requestsTotal);
      requestsInFlight.set(snapshot.requestsInFlight);
      raiseTo(connections, snapshot.connectionsTotal);
      inFlight.set(snapshot.computeInFlight);
      waiting.set(snapshot.computeWaiting);
      raiseTo(replaced, snapshot.workersReplacedTotal);
      // A replaced thread comes back under another id; the old one must not stay at its last value.
      workerUtilization.reset();
      for (const worker of snapshot.workers)
        workerUtilization.set({ thread: worker.threadId }, worker.utilization);
      for (const { outcome, queueWaitMs, serviceTimeMs } of observations) {
        outcomes.inc({ outcome });
        if (queueWaitMs !== undefined) queueWait.observe(queueWaitMs / 1000);
        if (serviceTimeMs !== undefined) serviceTime.observe(serviceTimeMs / 1000);
      }
    },

    /** All metrics as text. */
    render(facts: ScrapeFacts): Promise<string> {
      heartbeatAge.set(facts.heartbeatAgeMs / 1000);
      raiseTo(cpu, facts.cpuMs / 1000);
      rss.set(facts.rssBytes ?? Number.NaN);
      acceptQueue.set(facts.acceptQueue ?? Number.NaN);
      return registry.metrics();
    },
  };
}

// Prometheus reads NaN as "no value", which is what a missing measurement is.
function toSec(ms: number | undefined): number {
  return ms === undefined ? Number.NaN : ms / 1000;
}

function raiseTo(counter: Counter, total: number): void {
  counter.reset();
  counter.inc(total);
}
