import type { Histogram } from 'hdr-histogram-js';
import { createHistogram, decodeHistogram } from '../result/histogram.ts';

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
  for (const text of encoded) merged.add(decodeHistogram(text));
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
