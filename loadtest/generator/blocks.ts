import type { Histogram } from 'hdr-histogram-js';
import { createHistogram, encodeHistogram, recordMs } from '../result/histogram.ts';
import type { BlockResult } from '../result/stream-result.ts';
import type { RequestRecord } from './request-record.ts';

/** The measured window, in milliseconds from the beginning of the run, and the width of its blocks. */
export interface MeasuredWindow {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly blockMs: number;
}

/** The figures of a stream's requests within the window, by blocks of intended start. */
export function toBlocks(
  records: Iterable<RequestRecord>,
  window: MeasuredWindow,
  connection: 'keep-alive' | 'new',
): BlockResult[] {
  const count = Math.ceil(window.lengthMs / window.blockMs);
  const completed = Array.from({ length: count }, () => 0);
  const recordsByBlock = Array.from({ length: count }, (): RequestRecord[] => []);
  for (const record of records) {
    const block = blockAt(record.intendedMs, window);
    if (block !== undefined) recordsByBlock[block]?.push(record);
    // Counted by when the answer came: answers to the warm-up's requests are the target's work too.
    const endBlock = blockAt(record.endMs, window);
    if (record.outcome === 'succeeded' && endBlock !== undefined) {
      completed[endBlock] = (completed[endBlock] ?? 0) + 1;
    }
  }
  // One set of histograms for all blocks: a set for each would be tens of megabytes.
  const histograms = createHistograms(connection);
  return recordsByBlock.map((inBlock, block) => {
    for (const histogram of Object.values(histograms)) histogram?.reset();
    for (const record of inBlock) addToHistograms(record, histograms);
    return {
      startMs: block * window.blockMs,
      scheduled: inBlock.length,
      sent: inBlock.filter(({ outcome }) => outcome !== 'unsent').length,
      succeeded: inBlock.filter(({ outcome }) => outcome === 'succeeded').length,
      timedOut: inBlock.filter(({ outcome }) => outcome === 'timed-out').length,
      unanswered: inBlock.filter(({ outcome }) => outcome === 'unanswered').length,
      errors: countByKind(inBlock),
      completed: completed[block] ?? 0,
      ...encodeHistograms(histograms),
    };
  });
}

interface BlockHistograms {
  readonly responseTimeUs: Histogram;
  readonly serviceTimeUs: Histogram;
  readonly lagUs: Histogram;
  readonly connectTimeUs?: Histogram;
  readonly admissionTimeUs?: Histogram;
}

function createHistograms(connection: 'keep-alive' | 'new'): BlockHistograms {
  const common = {
    responseTimeUs: createHistogram(),
    serviceTimeUs: createHistogram(),
    lagUs: createHistogram(),
  };
  return connection === 'keep-alive'
    ? common
    : { ...common, connectTimeUs: createHistogram(), admissionTimeUs: createHistogram() };
}

function addToHistograms(record: RequestRecord, histograms: BlockHistograms): void {
  const { outcome, intendedMs, sentMs, endMs, connectedMs, firstByteMs } = record;
  if (outcome === 'unsent') return;
  recordMs(histograms.lagUs, sentMs - intendedMs);
  // A failure says nothing about how long an answer takes; it is counted by kind instead.
  if (outcome === 'failed') return;
  recordMs(histograms.responseTimeUs, endMs - intendedMs);
  recordMs(histograms.serviceTimeUs, endMs - sentMs);
  if (histograms.connectTimeUs !== undefined && histograms.admissionTimeUs !== undefined) {
    // Given up before it got that far: then its age is the lower bound here too.
    recordMs(histograms.connectTimeUs, (Number.isNaN(connectedMs) ? endMs : connectedMs) - sentMs);
    recordMs(
      histograms.admissionTimeUs,
      (Number.isNaN(firstByteMs) ? endMs : firstByteMs) - sentMs,
    );
  }
}

function encodeHistograms(histograms: BlockHistograms) {
  const { connectTimeUs, admissionTimeUs } = histograms;
  return {
    responseTimeUs: encodeHistogram(histograms.responseTimeUs),
    serviceTimeUs: encodeHistogram(histograms.serviceTimeUs),
    lagUs: encodeHistogram(histograms.lagUs),
    ...(connectTimeUs === undefined ? {} : { connectTimeUs: encodeHistogram(connectTimeUs) }),
    ...(admissionTimeUs === undefined ? {} : { admissionTimeUs: encodeHistogram(admissionTimeUs) }),
  };
}

function countByKind(records: readonly RequestRecord[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const { kind } of records) {
    if (kind !== '') errors[kind] = (errors[kind] ?? 0) + 1;
  }
  return errors;
}

function blockAt(
  timeMs: number,
  { startMs, lengthMs, blockMs }: MeasuredWindow,
): number | undefined {
  const offsetMs = timeMs - startMs;
  // Written so that NaN (never sent, never ended) is outside.
  return offsetMs >= 0 && offsetMs < lengthMs ? Math.floor(offsetMs / blockMs) : undefined;
}
