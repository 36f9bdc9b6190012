import type { AssertionOutcome } from '../analysis/assertions.ts';
import type { CheckedAssertion } from './headline.ts';
import { renderDuration, renderRate } from './units.ts';

/** A condition and its outcome in words. */
export function toChecked(outcome: AssertionOutcome): CheckedAssertion {
  const { text, passed, actual, offeredLoad, unit } = outcome;
  const figure =
    actual === undefined ? 'there is no such figure' : `it is ${renderFigure(actual, unit)}`;
  return {
    text,
    passed,
    actual: offeredLoad === undefined ? figure : `${figure} at load ${offeredLoad}`,
  };
}

/** A line per condition; nothing when there is none. */
export function renderAssertions(assertions: readonly CheckedAssertion[]): string[] {
  if (assertions.length === 0) return [];
  return [
    '',
    ...assertions.map(
      ({ text, passed, actual }) => `${passed ? 'holds' : 'FAILS'}: ${text} (${actual})`,
    ),
  ];
}

function renderFigure(value: number, unit: AssertionOutcome['unit']): string {
  switch (unit) {
    case 'ms':
      return renderDuration(value);
    case '/s':
      return `${renderRate(value)}/s`;
    case 'requests':
      return `${value}`;
    case 'ratio':
      return `${Number(value.toPrecision(4))}×`;
  }
}
