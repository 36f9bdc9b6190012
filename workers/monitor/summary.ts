import type { ComputeObservation, ComputeSummary } from '../telemetry.ts';

/** Counts computations by outcome and finds the longest wait and the longest run among them. */
export function summarize(observations: readonly ComputeObservation[]): ComputeSummary {
  const summary: ComputeSummary = { outcomes: {}, queueWaitMaxMs: null, serviceTimeMaxMs: null };
  for (const { outcome, queueWaitMs, serviceTimeMs } of observations) {
    summary.outcomes[outcome] = (summary.outcomes[outcome] ?? 0) + 1;
    summary.queueWaitMaxMs = larger(summary.queueWaitMaxMs, queueWaitMs);
    summary.serviceTimeMaxMs = larger(summary.serviceTimeMaxMs, serviceTimeMs);
  }
  return summary;
}

function larger(a: number | null, b: number | undefined): number | null {
  if (b === undefined) return a;
  return a === null ? b : Math.max(a, b);
}
