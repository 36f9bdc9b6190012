import type { Bound } from '../analysis/burst-summary.ts';
import { renderDuration } from './units.ts';

/** A duration that may be more than the figure says, as `≥ 2.10 s`. */
export function renderBound(bound: Bound | undefined): string {
  return `${bound?.isLowerBound ? '≥ ' : ''}${renderDuration(bound?.ms)}`;
}
