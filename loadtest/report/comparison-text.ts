import {
  type Comparison,
  type ContrastVerdict,
  type Outcome,
  verdictOf,
} from '../analysis/verdict.ts';
import type { Want } from '../analysis/wants.ts';
import type { Estimate } from '../stats/estimate.ts';
import { renderPercent, renderRatio } from './units.ts';

/** A ratio with its interval, as `35×` and `30× to 41×`; dashes where there is none. */
export function renderEstimate(ratio: Estimate | undefined): { value: string; interval: string } {
  if (ratio === undefined) return { value: '–', interval: '' };
  return {
    value: renderRatio(ratio.value),
    interval: `${renderRatio(ratio.low)} to ${renderRatio(ratio.high)}`,
  };
}

/** A ratio with its interval in one line, as `35× (30× to 41×)`. */
export function renderRatioInLine(ratio: Estimate | undefined): string {
  const { value, interval } = renderEstimate(ratio);
  return interval === '' ? value : `${value} (${interval})`;
}

/** What a comparison comes to, about the second target, with what would be enough where there is too little. */
export function renderOutcome(comparison: Comparison): string {
  return withFailures(describeOutcome(comparison.outcome), comparison);
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'verdict':
      return outcome.verdict;
    case 'too little data':
      return `too little data: ${outcome.wants.map(renderWant).join(', ')}`;
    case 'no steady state':
      return `no steady state: ${outcome.targets.join(' and ')}`;
  }
}

/** What would be enough, by the option that gives it. */
export function renderWant(want: Want): string {
  if (want.kind === 'rounds') return `--repeats ${want.need}`;
  // No window is long enough for a target that does not answer.
  if (want.have === 0) return 'a run without any answer';
  return `--duration ${Math.ceil((want.windowMs * want.need) / want.have / 1000)}`;
}

/** An outcome in words that need no second look at which target was divided by which. */
export function nameOutcome(
  { first, second }: Pick<ContrastVerdict, 'first' | 'second'>,
  comparison: Comparison,
): string {
  switch (verdictOf(comparison)) {
    case 'better':
      return withFailures(`${second} faster`, comparison);
    case 'worse':
      return withFailures(`${first} faster`, comparison);
    default:
      return renderOutcome(comparison);
  }
}

/** Where one side failed more often, its times are of survivors: that belongs into the same line. */
function withFailures(outcome: string, { failed }: Comparison): string {
  if (failed === undefined) return outcome;
  return `${outcome}; failed ${renderPercent(failed.first)} against ${renderPercent(failed.second)}`;
}
