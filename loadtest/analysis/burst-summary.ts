import type { Histogram } from 'hdr-histogram-js';
import type { BurstCase } from '../result/burst-result.ts';
import { decodeHistogram, readCounts } from '../result/histogram.ts';
import { mergeHistograms } from './percentiles.ts';

/** A figure of a distribution in milliseconds. */
export interface Bound {
  readonly ms: number;
  /** Someone as old as that, or younger, was not finished: the real figure is at least this one. */
  readonly isLowerBound: boolean;
}

/** The figures of a burst's times. */
export interface BurstTimes {
  readonly p50: Bound;
  readonly p99: Bound;
  readonly max: Bound;
}

/** What a case of `burst` comes to, for reading. */
export interface BurstCaseSummary {
  /** Until connected. Those that were not are in it at their age, those that failed before are not. */
  readonly connectTimes: BurstTimes | undefined;
  /** Until the first byte. Those that got none are in it at their age, those that failed are not. */
  readonly firstByteTimes: BurstTimes | undefined;
  /** How many were connected after about 0 s, 1 s, 2 s …, to the nearest second. */
  readonly connectedBySecond: readonly number[];
  /** The same for the first byte of the answer. */
  readonly answeredBySecond: readonly number[];
  /** Failures by kind, before and after connecting together. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Sums a case up. */
export function summarizeBurstCase(burst: BurstCase): BurstCaseSummary {
  const { connectTimeUs, firstByteTimeUs, notConnectedAgeUs, neverAnsweredAgeUs } = burst;
  return {
    connectTimes: toTimes(connectTimeUs, [notConnectedAgeUs]),
    firstByteTimes: toTimes(firstByteTimeUs, [notConnectedAgeUs, neverAnsweredAgeUs]),
    connectedBySecond: countBySecond(decodeHistogram(connectTimeUs)),
    answeredBySecond: countBySecond(decodeHistogram(firstByteTimeUs)),
    errors: addCounts(burst.errors.beforeConnected, burst.errors.afterConnected),
  };
}

/** How many values of a microsecond histogram lie nearest to 0 s, 1 s, 2 s …; as long as its largest value needs. */
export function countBySecond(histogram: Histogram): number[] {
  const counts: number[] = [];
  for (const [us, count] of readCounts(histogram)) {
    const second = Math.round(us / 1e6);
    while (counts.length <= second) counts.push(0);
    counts[second] = (counts[second] ?? 0) + count;
  }
  return counts;
}

/** Figures of those that finished and of the ages of those that did not; undefined when there are neither. */
function toTimes(finishedUs: string, unfinishedUs: readonly string[]): BurstTimes | undefined {
  const unfinished = mergeHistograms(unfinishedUs);
  const all = mergeHistograms([finishedUs, ...unfinishedUs]);
  if (all.totalCount === 0) return undefined;
  const youngestUs =
    unfinished.totalCount === 0 ? Number.POSITIVE_INFINITY : unfinished.getValueAtPercentile(0);
  const at = (percentile: number): Bound => {
    const us = all.getValueAtPercentile(percentile);
    return { ms: us / 1000, isLowerBound: us >= youngestUs };
  };
  return { p50: at(50), p99: at(99), max: at(100) };
}

function addCounts(...parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [kind, count] of parts.flatMap((part) => Object.entries(part))) {
    sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}
