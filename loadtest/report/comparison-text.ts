import type { Comparison, ContrastVerdict } from '../analysis/verdict.ts';
import { renderRatio } from './units.ts';

/** A ratio with its interval, as `35×` and `30× to 41×`. */
export function renderEstimate({ ratio }: Comparison): { value: string; interval: string } {
  if (ratio === undefined) return { value: '–', interval: '' };
  return {
    value: renderRatio(ratio.value),
    interval: `${renderRatio(ratio.low)} to ${renderRatio(ratio.high)}`,
  };
}

/** A verdict in words that need no second look at which target was divided by which. */
export function nameVerdict({ first, second }: ContrastVerdict, { verdict }: Comparison): string {
  if (verdict === 'cannot tell') return verdict;
  return `${verdict === 'better' ? second : first} faster`;
}
