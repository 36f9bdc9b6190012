import type { StreamResult } from '../result/stream-result.ts';
import { fewestRounds } from '../stats/estimate.ts';
import { type ComparedPercentile, countNeeded } from '../stats/percentile.ts';

/** What would be enough for a figure or a verdict. */
export type Want =
  /** More rounds (`--repeats`). */
  | { readonly kind: 'rounds'; readonly have: number; readonly need: number }
  /** More requests in each run: a longer window, or a higher rate. `have`: in the run with the fewest. */
  | {
      readonly kind: 'requests';
      readonly have: number;
      readonly need: number;
      readonly windowMs: number;
    };

/** The rounds that an interval takes; empty when there are as many. */
export function wantRounds(have: number): Want[] {
  return have < fewestRounds ? [{ kind: 'rounds', have, need: fewestRounds }] : [];
}

/** The timed requests that a percentile takes in every run; empty when there are as many. */
export function wantRequests(
  runs: readonly StreamResult[],
  percentile: ComparedPercentile,
  windowMs: number,
): Want[] {
  const have = Math.min(...runs.map(countTimed));
  const need = countNeeded(percentile);
  return have < need ? [{ kind: 'requests', have, need, windowMs }] : [];
}

function countTimed({ blocks }: StreamResult): number {
  return blocks.reduce(
    (sum, { succeeded, timedOut, unanswered }) => sum + succeeded + timedOut + unanswered,
    0,
  );
}
