import { quantile } from './statistics.ts';
import type { ContrastVerdict } from './verdict.ts';

/** What comparing a target with itself came to. */
export interface NoiseFloor {
  readonly comparisons: number;
  /** Those that rightly said "cannot tell". */
  readonly cannotTell: number;
  /** By which factor the same thing differed from itself: the middle and the worst comparison. */
  readonly medianFactor: number;
  readonly worstFactor: number;
}

/** Sums up a comparison of a target with itself. */
export function measureNoiseFloor({ comparisons }: ContrastVerdict): NoiseFloor {
  const factors = comparisons.flatMap(({ ratio }) =>
    ratio === undefined ? [] : Math.max(ratio.value, 1 / ratio.value),
  );
  return {
    comparisons: comparisons.length,
    cannotTell: comparisons.filter(({ verdict }) => verdict === 'cannot tell').length,
    medianFactor: quantile(factors, 0.5),
    worstFactor: quantile(factors, 1),
  };
}
