import type { Estimate } from './estimate.ts';
import { minimalRatio } from './percentile.ts';

/** Of the second target, seen from the first. */
export type Verdict = 'better' | 'worse' | 'cannot tell';

/**
 * What the intervals of a ratio, first ÷ second, say. The first of them has to lie beyond {@link minimalRatio}; the others
 * have to agree that there is a difference. So the ratio from the intended start is the one that counts, and the one from
 * the actual send, which the generator's lateness is no part of, shows that it is not the generator's.
 */
export function toVerdict([ratio, ...others]: readonly Estimate[]): Verdict {
  if (ratio === undefined) return 'cannot tell';
  if (ratio.low > minimalRatio && others.every(({ low }) => low > 1)) return 'better';
  const isWorse = ratio.high < 1 / minimalRatio && others.every(({ high }) => high < 1);
  return isWorse ? 'worse' : 'cannot tell';
}

/** Whether a figure is known to be within a limit, known to be beyond it, or neither. */
export type LimitVerdict = 'inside' | 'outside' | 'cannot tell';

/** Holds the whole interval of a figure against the highest value that is allowed. */
export function judgeAtMost(figure: Estimate | undefined, limit: number): LimitVerdict {
  if (figure === undefined) return 'cannot tell';
  if (figure.high <= limit) return 'inside';
  return figure.low > limit ? 'outside' : 'cannot tell';
}

/** Holds the whole interval of a figure against the lowest value that is allowed. */
export function judgeAtLeast(figure: Estimate | undefined, limit: number): LimitVerdict {
  if (figure === undefined) return 'cannot tell';
  if (figure.low >= limit) return 'inside';
  return figure.high < limit ? 'outside' : 'cannot tell';
}
