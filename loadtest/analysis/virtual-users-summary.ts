import type { LabResult, RunResult } from '../result/result.ts';
import { groupStreams, loadsOf, runsAt } from './levels.ts';
import { mergeHistograms } from './percentiles.ts';
import { summarizeStream } from './summarize-stream.ts';

/** What so many virtual users came to on one target, all its repetitions together. */
export interface VirtualUsersSummary {
  readonly virtualUsers: number;
  readonly target: string;
  readonly requests: number;
  /** Failures of every kind, and requests that were never answered. */
  readonly failed: number;
  /** The same by kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests sent per second of the window. */
  readonly requestsPerSec: number;
  /** From the actual send, as k6 counts; undefined: none was timed. Given up ones count at their age. */
  readonly avgMs: number | undefined;
  readonly p95Ms: number | undefined;
}

/** Sums up a result whose load is virtual users, by their number and then by target in the plan's order. */
export function summarizeVirtualUsers({
  plan,
  runs,
}: Pick<LabResult, 'plan' | 'runs'>): VirtualUsersSummary[] {
  return loadsOf(runs).flatMap((virtualUsers) =>
    plan.targets.flatMap(({ name: target }) => {
      const own = runsAt(runs, target, virtualUsers);
      return own.length === 0 ? [] : [{ virtualUsers, target, ...summarize(own) }];
    }),
  );
}

function summarize(
  runs: readonly RunResult[],
): Omit<VirtualUsersSummary, 'virtualUsers' | 'target'> {
  const measureMs = runs.reduce((sum, { plan }) => sum + plan.measureMs, 0);
  const groups = groupStreams(runs);
  const failures: Record<string, number> = {};
  let requests = 0;
  for (const group of groups) {
    const { sent, errors, unanswered } = summarizeStream(group, measureMs);
    requests += sent;
    const kinds = unanswered === 0 ? errors : { ...errors, unanswered };
    for (const [kind, count] of Object.entries(kinds)) {
      failures[kind] = (failures[kind] ?? 0) + count;
    }
  }
  const times = mergeHistograms(
    groups.flat().flatMap(({ blocks }) => blocks.map(({ sendToEndUs }) => sendToEndUs)),
  );
  const isTimed = times.totalCount > 0;
  return {
    requests,
    failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
    failures,
    requestsPerSec: requests / (measureMs / 1000),
    avgMs: isTimed ? times.mean / 1000 : undefined,
    p95Ms: isTimed ? times.getValueAtPercentile(95) / 1000 : undefined,
  };
}
