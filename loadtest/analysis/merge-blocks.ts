import { encodeHistogram } from '../result/histogram.ts';
import type { BlockResult } from '../result/stream-result.ts';
import { mergeHistograms } from './percentiles.ts';

/** The same block of several generators as one: counts and histograms add, exactly. */
export function mergeBlocks(blocks: readonly BlockResult[]): BlockResult {
  const sum = (pick: (block: BlockResult) => number) =>
    blocks.reduce((total, block) => total + pick(block), 0);
  const merge = (pick: (block: BlockResult) => string | undefined) =>
    encodeHistogram(mergeHistograms(blocks.flatMap((block) => pick(block) ?? [])));
  return {
    startMs: blocks[0]?.startMs ?? 0,
    scheduled: sum(({ scheduled }) => scheduled),
    sent: sum(({ sent }) => sent),
    succeeded: sum(({ succeeded }) => succeeded),
    timedOut: sum(({ timedOut }) => timedOut),
    unanswered: sum(({ unanswered }) => unanswered),
    completed: sum(({ completed }) => completed),
    errors: sumRecords(blocks.map(({ errors }) => errors)),
    responseTimeUs: merge(({ responseTimeUs }) => responseTimeUs),
    serviceTimeUs: merge(({ serviceTimeUs }) => serviceTimeUs),
    lagUs: merge(({ lagUs }) => lagUs),
    ...(blocks.some(({ connectTimeUs }) => connectTimeUs !== undefined) && {
      connectTimeUs: merge(({ connectTimeUs }) => connectTimeUs),
    }),
    ...(blocks.some(({ admissionTimeUs }) => admissionTimeUs !== undefined) && {
      admissionTimeUs: merge(({ admissionTimeUs }) => admissionTimeUs),
    }),
  };
}

/** Counts by name, added up. */
export function sumRecords(
  records: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of records.flatMap((record) => Object.entries(record))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
