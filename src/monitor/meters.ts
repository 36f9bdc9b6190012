import {
  add,
  histogramCells,
  observe,
  type SharedSeries,
} from '../../workers/monitor/shared-series.ts';
import type { ComputeObservation } from '../../workers/telemetry.ts';

/** Counts requests and computations for the metrics. */
export interface Meters {
  /** All that is counted so far. */
  readonly series: readonly SharedSeries[];
  /** Counts a request that has ended; `route` is a pattern, never the path, and 499 the code of a client that left. */
  countRequest(method: string, route: string, code: number, durationSec: number): void;
  countComputation(observation: ComputeObservation): void;
}

/** Meters in shared memory, of which `announce` is told once each. */
export function createMeters(announce: (series: SharedSeries) => void): Meters {
  const known: SharedSeries[] = [];
  const create = (metric: string, labels: SharedSeries['labels'], cellCount: number) => {
    const cells = new Float64Array(
      new SharedArrayBuffer(cellCount * Float64Array.BYTES_PER_ELEMENT),
    );
    const series = { metric, labels, cells };
    known.push(series);
    announce(series);
    return cells;
  };

  const queueWait = create('offload_compute_queue_wait_seconds', {}, histogramCells);
  const computeDuration = create('offload_compute_duration_seconds', {}, histogramCells);
  const outcomes = new Map<string, Float64Array>();
  // Three small maps, because putting one key together costs a request more than looking three up.
  const requests = new Map<string, Map<string, Map<number, Float64Array>>>();

  return {
    series: known,
    countRequest(method, route, code, durationSec) {
      const byMethod = getOrCreate(requests, route, () => new Map());
      const byCode = getOrCreate(byMethod, method, () => new Map());
      const cells = getOrCreate(byCode, code, () => {
        const labels = { method, route, code: String(code) };
        return create('http_request_duration_seconds', labels, histogramCells);
      });
      observe(cells, durationSec);
    },
    countComputation({ outcome, queueWaitMs, serviceTimeMs }) {
      const total = getOrCreate(outcomes, outcome, () =>
        create('offload_compute_outcomes_total', { outcome }, 1),
      );
      add(total, 0, 1);
      if (queueWaitMs !== undefined) observe(queueWait, queueWaitMs / 1000);
      if (serviceTimeMs !== undefined) observe(computeDuration, serviceTimeMs / 1000);
    },
  };
}

function getOrCreate<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
