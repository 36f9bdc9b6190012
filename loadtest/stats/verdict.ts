import type { Estimate } from './estimate.ts';
import { minimalRatio } from './percentile.ts';

/** Of the second target, seen from the first. */
export type Verdict = 'better' | 'worse' | 'cannot tell';

/**
 * What the intervals of a ratio, first ÷ second, say. All of them have to agree that the ratio lies beyond
 * {@link minimalRatio}: the one from the intended start, and the one from the actual send, which the generator's
 * lateness is no part of.
 */
export function toVerdict(ratios: readonly Estimate[]): Verdict {
  if (ratios.length === 0) return 'cannot tell';
  if (ratios.every(({ low }) => low > minimalRatio)) return 'better';
  return ratios.every(({ high }) => high < 1 / minimalRatio) ? 'worse' : 'cannot tell';
}

/** Whether a ratio is known to be at most a limit, known to be above it, or neither. */
export type LimitVerdict = 'inside' | 'outside' | 'cannot tell';

/** Holds the whole interval of a ratio against the highest value that is allowed. */
export function judgeAtMost(ratio: Estimate | undefined, limit: number): LimitVerdict {
  if (ratio === undefined) return 'cannot tell';
  if (ratio.high <= limit) return 'inside';
  return ratio.low > limit ? 'outside' : 'cannot tell';
}
