import type { Histogram } from 'hdr-histogram-js';
import { createHistogram, decodeHistogram, readCounts } from '../result/histogram.ts';
import type { BlockResult, StreamResult } from '../result/stream-result.ts';

/** The figures of a distribution, in milliseconds, each within 0.1 % of the exact one. */
export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The sum of encoded histograms. Percentiles of parts cannot be averaged; their histograms can be added exactly. */
export function mergeHistograms(encoded: Iterable<string>): Histogram {
  const merged = createHistogram();
  for (const text of encoded) {
    // The library's own `add` walks over all 23,000 slots.
    for (const [us, count] of readCounts(decodeHistogram(text))) {
      merged.recordValueWithCount(us, count);
    }
  }
  return merged;
}

/** The histograms that blocks have. */
export type HistogramName = Extract<keyof BlockResult, `${string}Us`>;

const mergedOf = new WeakMap<StreamResult, Map<HistogramName, Histogram>>();

/** One of a run's histograms over its whole window. It is made once for each stream of a result; not to be changed. */
export function histogramOfRun(stream: StreamResult, name: HistogramName): Histogram {
  const known = mergedOf.get(stream) ?? new Map<HistogramName, Histogram>();
  mergedOf.set(stream, known);
  const merged =
    known.get(name) ?? mergeHistograms(stream.blocks.flatMap((block) => block[name] ?? []));
  known.set(name, merged);
  return merged;
}

/** The figures of a microsecond histogram; undefined when nothing was recorded. */
export function toPercentiles(histogram: Histogram): Percentiles | undefined {
  if (histogram.totalCount === 0) return undefined;
  const atMs = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    count: histogram.totalCount,
    p50Ms: atMs(50),
    p95Ms: atMs(95),
    p99Ms: atMs(99),
    maxMs: atMs(100),
  };
}
