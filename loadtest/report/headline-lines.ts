import type { Headline } from '../analysis/headline.ts';
import type { Comparison } from '../analysis/verdict.ts';
import { renderEstimate } from './comparison-text.ts';
import { introduceLoad } from './load-name.ts';
import { renderDuration, renderRatio } from './units.ts';

/** The headline as a sentence that needs no statistics to be understood. */
export function renderHeadline(headline: Headline): string {
  const { comparison, first, second, firstP99Ms, secondP99Ms } = headline;
  const { ratio, verdict, offeredLoad } = comparison;
  const load = introduceLoad(offeredLoad, headline.loadUnit);
  const times = `${renderDuration(secondP99Ms)} on ${second}, ${renderDuration(firstP99Ms)} on ${first}`;
  if (verdict === 'cannot tell' || ratio === undefined) {
    return `${load}, it cannot be told which of ${first} and ${second} answers GET /users faster (99 of 100 within ${times}).`;
  }
  const [faster, slower, factor] =
    verdict === 'better' ? [second, first, ratio.value] : [first, second, 1 / ratio.value];
  return `${load}, ${faster} answers GET /users ${renderRatio(factor)} as fast as ${slower}: 99 of 100 within ${times}.`;
}

/** How sure that is. */
export function renderCertainty({ comparison, first, second, repetitions }: Headline): string {
  const once =
    repetitions < 2
      ? ' Measured in a single process each, so how much another one would differ is not known.'
      : '';
  return `p99 ${first} ÷ ${second}: ${renderRatioInLine(comparison)}, with 95 % confidence.${once}`;
}

/** A ratio with its interval in one line, as `812× (430× to 1530×)`. */
export function renderRatioInLine(comparison: Comparison): string {
  const { value, interval } = renderEstimate(comparison);
  return interval === '' ? value : `${value} (${interval})`;
}
