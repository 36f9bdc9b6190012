import type { Headline, Overload, OverloadedTarget, SteadyHeadline } from '../analysis/headline.ts';
import type { Outcome } from '../analysis/verdict.ts';
import type { LoadUnit } from '../result/experiment-plan.ts';
import type { Estimate } from '../stats/estimate.ts';
import { describeOutcome, renderRatioInLine } from './comparison-text.ts';
import { introduceLoad } from './load-name.ts';
import { renderDuration, renderPercent, renderRatio } from './units.ts';

/** The headline in sentences that need no statistics to be understood: the steady load first, then the overload. */
export function renderHeadline(headline: Headline, unit: LoadUnit): string[] {
  const { steady, overload } = headline;
  return [
    ...(steady === undefined ? [] : renderSteady(headline, steady, unit)),
    ...(overload === undefined ? [] : renderOverload(overload, unit)),
    ...(steady === undefined && overload === undefined
      ? [
          `It cannot be told which of ${headline.first} and ${headline.second} answers faster${explainMissing(headline.unsteady)}.`,
        ]
      : []),
  ];
}

function explainMissing(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  // There is a ratio, but of a target whose event loop was nearly full.
  if (outcome.kind === 'verdict') return ': one of them was near its limit at every load';
  return `: ${describeOutcome(outcome)}`;
}

function renderSteady(
  { first, second }: Headline,
  { comparison, firstMs, secondMs }: SteadyHeadline,
  unit: LoadUnit,
): string[] {
  const { ratio, offeredLoad, percentile, rounds, windowMs, outcome, failed } = comparison;
  const load = introduceLoad(offeredLoad, unit);
  const how = `95 % interval, ${rounds} rounds, windows of ${windowMs / 1000} s`;
  const times = `${renderDuration(secondMs)} on ${second}, ${renderDuration(firstMs)} on ${first}`;
  const survivors =
    failed === undefined
      ? []
      : [
          `Those are the times of requests that did not fail: ${renderPercent(failed.second)} failed on ${second}, ${renderPercent(failed.first)} on ${first}.`,
        ];
  if (ratio === undefined || outcome.kind !== 'verdict' || outcome.verdict === 'cannot tell') {
    return [
      `${load}, it cannot be told which of ${first} and ${second} answers GET /users faster: ${percentile} of 100 within ${times}.`,
      `${first} ÷ ${second}: ${renderRatioInLine(ratio)} (${how}).`,
      ...survivors,
    ];
  }
  const [slower, factor] = outcome.verdict === 'better' ? [first, ratio] : [second, invert(ratio)];
  return [
    `${load}, ${percentile} of 100 GET /users are answered within ${times}: ${renderRatio(factor.value)} as long on ${slower}.`,
    `${renderRatio(factor.low)} to ${renderRatio(factor.high)} (${how}).`,
    ...survivors,
  ];
}

function renderOverload({ offeredLoad, windowMs, targets }: Overload, unit: LoadUnit): string[] {
  const load = introduceLoad(offeredLoad, unit);
  const fates = targets.map(describeTarget).join('; ');
  const newcomers = targets.filter(({ newcomersAnswered }) => newcomersAnswered !== undefined);
  const answered = newcomers
    .map(({ target, newcomersAnswered }) => `${renderShare(newcomersAnswered)} on ${target}`)
    .join(', ');
  return [
    `${load}, ${fates}.`,
    ...(newcomers.length === 0
      ? []
      : [
          `Of 100 newcomers during ${windowMs / 1000} s of that load, so many were answered before it ended: ${answered}.`,
        ]),
  ];
}

function describeTarget({ target, state, growthMsPerSec }: OverloadedTarget): string {
  switch (state) {
    case 'does not keep up':
      return (
        `${target} does not keep up: each second of load makes GET /users wait ` +
        `${renderDuration(growthMsPerSec?.value)} longer (${renderDuration(growthMsPerSec?.low)} to ${renderDuration(growthMsPerSec?.high)})`
      );
    case 'keeps up':
    case 'near its limit':
      return `${target} keeps up`;
    case 'at its limit':
      return `whether ${target} keeps up cannot be told`;
    case 'unknown':
      return `${target} has too few rounds to tell`;
  }
}

/** A growth per second with its interval, as `312 ms/s (190 to 430)`. */
export function renderGrowth(growth: Estimate | undefined): string {
  if (growth === undefined) return '–';
  // No sign of what rounds to nothing.
  const [value, low, high] = [growth.value, growth.low, growth.high].map(
    (ms) => Math.round(ms) + 0,
  );
  return `${value} ms/s (${low} to ${high})`;
}

/** A share of a hundred with its interval, as `26 (20 to 32)`. */
export function renderShare(share: Estimate | undefined): string {
  if (share === undefined) return '–';
  const [value, low, high] = [share.value, share.low, share.high].map((one) =>
    (100 * one).toFixed(0),
  );
  return low === high ? `${value}` : `${value} (${low} to ${high})`;
}

function invert({ value, low, high }: Estimate): Estimate {
  return { value: 1 / value, low: 1 / high, high: 1 / low };
}
