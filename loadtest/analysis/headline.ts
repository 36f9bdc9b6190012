import type { LoadUnit } from '../result/experiment-plan.ts';
import type { LabResult } from '../result/result.ts';
import { summarizeLevels } from './contrast-summary.ts';
import type { Comparison, ContrastVerdict } from './verdict.ts';

/** What a result comes to, about the one figure that matters most: p99 of GET /users at the highest load. */
export interface Headline {
  readonly comparison: Comparison;
  readonly first: string;
  readonly second: string;
  readonly firstP99Ms: number | undefined;
  readonly secondP99Ms: number | undefined;
  readonly repetitions: number;
  /** What the comparison's load counts. */
  readonly loadUnit: LoadUnit;
}

/** The headline of a result; undefined when GET /users was not compared. */
export function findHeadline(
  result: Pick<LabResult, 'runs' | 'plan'>,
  { first, second, repetitions, comparisons }: ContrastVerdict,
): Headline | undefined {
  const comparison = comparisons.findLast(
    ({ stream, percentile }) => stream === 'users' && percentile === 99,
  );
  if (comparison === undefined) return undefined;
  const levels = summarizeLevels(result);
  const p99Of = (target: string) =>
    levels
      .find((level) => level.target === target && level.offeredLoad === comparison.offeredLoad)
      ?.streams.find(({ name }) => name === comparison.stream)?.responseTime?.p99Ms;
  return {
    comparison,
    first,
    second,
    firstP99Ms: p99Of(first),
    secondP99Ms: p99Of(second),
    repetitions,
    loadUnit: result.plan.loadUnit,
  };
}
