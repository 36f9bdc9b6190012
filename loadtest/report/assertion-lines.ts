import type { AssertionOutcome } from '../analysis/assertions.ts';
import type { CheckedAssertion } from './headline.ts';

/** A condition and its outcome in words. */
export function toChecked({
  text,
  passed,
  actual,
  offeredLoad,
}: AssertionOutcome): CheckedAssertion {
  const figure =
    actual === undefined ? 'there is no such figure' : `it is ${Number(actual.toPrecision(4))}`;
  return { text, passed, actual: `${figure} at load ${offeredLoad}` };
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
