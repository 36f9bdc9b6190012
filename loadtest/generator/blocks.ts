import type { Histogram } from 'hdr-histogram-js';
import { createHistogram, encodeHistogram, recordMs } from '../result/histogram.ts';
import type { BlockResult, StreamResult } from '../result/stream-result.ts';
import type { ConnectionPolicy, StreamPlan } from './load-plan.ts';
import type { RequestRecord } from './request-record.ts';

/** The measured window, in milliseconds from the beginning of the run, and the width of its blocks. */
export interface MeasuredWindow {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly blockMs: number;
}

/**
 * The least-squares slope of response time on intended start over the window, in ms per second; null with fewer than
 * two timed requests, or when all of them left at the same moment. What was given up counts at its age, failures do not count.
 */
export function measureGrowth(
  records: readonly RequestRecord[],
  window: MeasuredWindow,
): number | null {
  let count = 0;
  let firstMs = 0;
  let [sumX, sumY, sumXx, sumXy] = [0, 0, 0, 0];
  for (const { outcome, intendedMs, endMs } of records) {
    if (blockAt(intendedMs, window) === undefined) continue;
    if (outcome === 'unsent' || outcome === 'failed') continue;
    // Counted from one of them: when all left at the same moment, the spread is 0 and no rounding error.
    if (count === 0) firstMs = intendedMs;
    const x = (intendedMs - firstMs) / 1000;
    const y = endMs - intendedMs;
    count += 1;
    sumX += x;
    sumY += y;
    sumXx += x * x;
    sumXy += x * y;
  }
  const spread = sumXx - sumX ** 2 / count;
  return count < 2 || spread <= 0 ? null : (sumXy - (sumX * sumY) / count) / spread;
}

/** What a stream did in the window, from all of its requests. */
export function toStreamResult(
  { bodies: _, ...plan }: StreamPlan,
  records: readonly RequestRecord[],
  window: MeasuredWindow,
): StreamResult {
  const growthMsPerSec = measureGrowth(records, window);
  return { plan, growthMsPerSec, blocks: toBlocks(records, window, plan.connection.kind) };
}

/** The figures of a stream's requests within the window, by blocks of intended start. */
export function toBlocks(
  records: readonly RequestRecord[],
  window: MeasuredWindow,
  connection: ConnectionPolicy['kind'],
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
      answeredInWindow: inBlock.filter(isAnsweredBefore(window.startMs + window.lengthMs)).length,
      waitedForConnection: inBlock.filter(hasWaited).length,
      ...encodeHistograms(histograms),
    };
  });
}

interface BlockHistograms {
  readonly responseTimeUs: Histogram;
  readonly sendToEndUs: Histogram;
  readonly lagUs: Histogram;
  readonly taskTimeUs: Histogram;
  readonly connectionWaitUs?: Histogram;
  readonly connectTimeUs?: Histogram;
  readonly admissionTimeUs?: Histogram;
}

function createHistograms(connection: ConnectionPolicy['kind']): BlockHistograms {
  return {
    responseTimeUs: createHistogram(),
    sendToEndUs: createHistogram(),
    lagUs: createHistogram(),
    taskTimeUs: createHistogram(),
    ...(connection === 'kept' && { connectionWaitUs: createHistogram() }),
    ...(connection === 'new' && {
      connectTimeUs: createHistogram(),
      admissionTimeUs: createHistogram(),
    }),
  };
}

function addToHistograms(record: RequestRecord, histograms: BlockHistograms): void {
  const { outcome, intendedMs, sentMs, endMs, connectedMs, firstByteMs } = record;
  if (outcome === 'unsent') return;
  recordMs(histograms.lagUs, sentMs - intendedMs);
  if (hasWaited(record)) {
    // Given up while it waited: then its age is the lower bound here too.
    const untilMs = Math.min(record.connectionFreeMs, endMs);
    if (histograms.connectionWaitUs) recordMs(histograms.connectionWaitUs, untilMs - sentMs);
  }
  if (!Number.isNaN(record.taskMs)) recordMs(histograms.taskTimeUs, record.taskMs);
  // A failure says nothing about how long an answer takes; it is counted by kind instead.
  if (outcome === 'failed') return;
  recordMs(histograms.responseTimeUs, endMs - intendedMs);
  recordMs(histograms.sendToEndUs, endMs - sentMs);
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
  const { connectTimeUs, admissionTimeUs, connectionWaitUs, taskTimeUs } = histograms;
  return {
    responseTimeUs: encodeHistogram(histograms.responseTimeUs),
    sendToEndUs: encodeHistogram(histograms.sendToEndUs),
    lagUs: encodeHistogram(histograms.lagUs),
    ...(taskTimeUs.totalCount > 0 && { taskTimeUs: encodeHistogram(taskTimeUs) }),
    ...(connectionWaitUs && { connectionWaitUs: encodeHistogram(connectionWaitUs) }),
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

function hasWaited({ connectionFreeMs }: RequestRecord): boolean {
  return !Number.isNaN(connectionFreeMs);
}

function isAnsweredBefore(endMs: number) {
  return (record: RequestRecord) => record.outcome === 'succeeded' && record.endMs < endMs;
}
