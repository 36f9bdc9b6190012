import { readArrivalRatePerSec } from '../generator/schedule.ts';
import type { BlockResult, StreamResult } from '../result/stream-result.ts';
import { mergeHistograms, type Percentiles, toPercentiles } from './percentiles.ts';

/** One stream's figures over its whole window. */
export interface StreamSummary {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly connection: 'keep-alive' | 'new';
  /** Requests meant to leave per second, whatever came of them; undefined: the answers decided (a closed loop). */
  readonly arrivalRatePerSec: number | undefined;
  /** Good answers per second of the window. */
  readonly throughputPerSec: number;
  readonly sent: number;
  readonly unanswered: number;
  readonly timedOut: number;
  /** Failures by kind, timeouts included. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the intended start. Those of a stream without any timed request are undefined. */
  readonly responseTime: Percentiles | undefined;
  readonly serviceTime: Percentiles | undefined;
  readonly connectTime: Percentiles | undefined;
  readonly admissionTime: Percentiles | undefined;
}

/** Sums a stream up over its blocks. */
export function summarizeStream({ plan, blocks }: StreamResult, measureMs: number): StreamSummary {
  const sum = (count: (block: BlockResult) => number) =>
    blocks.reduce((total, block) => total + count(block), 0);
  const percentiles = (pick: (block: BlockResult) => string | undefined) =>
    toPercentiles(mergeHistograms(blocks.flatMap((block) => pick(block) ?? [])));
  return {
    name: plan.name,
    method: plan.method,
    path: plan.path,
    connection: plan.connection,
    arrivalRatePerSec: readArrivalRatePerSec(plan.schedule),
    throughputPerSec: sum(({ completed }) => completed) / (measureMs / 1000),
    sent: sum(({ sent }) => sent),
    unanswered: sum(({ unanswered }) => unanswered),
    timedOut: sum(({ timedOut }) => timedOut),
    errors: sumErrors(blocks),
    responseTime: percentiles(({ responseTimeUs }) => responseTimeUs),
    serviceTime: percentiles(({ serviceTimeUs }) => serviceTimeUs),
    connectTime: percentiles(({ connectTimeUs }) => connectTimeUs),
    admissionTime: percentiles(({ admissionTimeUs }) => admissionTimeUs),
  };
}

function sumErrors(blocks: readonly BlockResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { errors } of blocks) {
    for (const [kind, count] of Object.entries(errors)) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}
