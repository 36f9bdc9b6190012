import type { Comparison, ContrastVerdict, Outcome } from '../analysis/verdict.ts';
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
  const parts = [describeOutcome(comparison.outcome)];
  if (comparison.failed !== undefined) {
    const { first, second } = comparison.failed;
    parts.push(`failed ${renderPercent(first)} against ${renderPercent(second)}`);
  }
  return parts.join('; ');
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
  // A run without any request would need a window without end.
  const windowMs = (want.windowMs * want.need) / Math.max(1, want.have);
  return `--duration ${Math.ceil(windowMs / 1000)}`;
}

/** An outcome in words that need no second look at which target was divided by which. */
export function nameOutcome(
  { first, second }: Pick<ContrastVerdict, 'first' | 'second'>,
  comparison: Comparison,
): string {
  const { outcome } = comparison;
  if (outcome.kind !== 'verdict' || outcome.verdict === 'cannot tell') {
    return renderOutcome(comparison);
  }
  const name = `${outcome.verdict === 'better' ? second : first} faster`;
  return comparison.failed === undefined
    ? name
    : `${name}; ${renderOutcome(comparison).split('; ')[1] ?? ''}`;
}
