import { quantile } from './statistics.ts';
import { type ContrastVerdict, verdictOf } from './verdict.ts';

/** What comparing a target with itself came to. */
export interface NoiseFloor {
  /** Comparisons with enough data for a verdict. */
  readonly comparisons: number;
  /** Those that rightly said "cannot tell". */
  readonly cannotTell: number;
  /** By which factor the same thing differed from itself: the middle and the worst comparison; NaN: there was none. */
  readonly medianFactor: number;
  readonly worstFactor: number;
}

/** Sums up a comparison of a target with itself. */
export function measureNoiseFloor({ comparisons }: ContrastVerdict): NoiseFloor {
  const judged = comparisons.filter((comparison) => verdictOf(comparison) !== undefined);
  const factors = judged.flatMap(({ ratio }) =>
    ratio === undefined ? [] : Math.max(ratio.value, 1 / ratio.value),
  );
  return {
    comparisons: judged.length,
    cannotTell: judged.filter((comparison) => verdictOf(comparison) === 'cannot tell').length,
    medianFactor: quantile(factors, 0.5),
    worstFactor: quantile(factors, 1),
  };
}
