import type { AssertionOutcome, Obstacle } from '../analysis/assertions.ts';
import { renderWant } from './comparison-text.ts';
import type { CheckedAssertion } from './headline.ts';
import { renderDuration, renderRate } from './units.ts';

/** A condition and its outcome in words. */
export function toChecked(assertion: AssertionOutcome): CheckedAssertion {
  const { text, outcome, actual, obstacle, offeredLoad, unit } = assertion;
  const figure =
    actual === undefined
      ? describeObstacle(obstacle ?? { kind: 'missing' })
      : `it is ${renderFigure(actual, unit)}`;
  return {
    text,
    outcome,
    actual: offeredLoad === undefined ? figure : `at load ${offeredLoad} ${figure}`,
  };
}

/** A line per condition; nothing when there is none. */
export function renderAssertions(assertions: readonly CheckedAssertion[]): string[] {
  if (assertions.length === 0) return [];
  const words = { holds: 'holds', fails: 'FAILS', 'cannot be judged': 'CANNOT BE JUDGED' };
  return [
    '',
    ...assertions.map(({ text, outcome, actual }) => `${words[outcome]}: ${text} (${actual})`),
  ];
}

function describeObstacle(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'missing':
      return 'there is no such figure';
    case 'no steady state':
      return `${obstacle.target} has no steady state, so its times are as long as the window made them: use growth`;
    case 'too little data':
      return `${obstacle.target} has too little data: ${obstacle.wants.map(renderWant).join(', ')}`;
  }
}

function renderFigure(value: number, unit: AssertionOutcome['unit']): string {
  switch (unit) {
    case 'ms':
      return renderDuration(value);
    case 'ms/s':
      return `${value.toFixed(1)} ms/s`;
    case '/s':
      return `${renderRate(value)}/s`;
    case 'requests':
      return `${value}`;
    case 'ratio':
      return `${Number(value.toPrecision(4))}×`;
  }
}
