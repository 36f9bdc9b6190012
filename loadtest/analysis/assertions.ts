import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import { type Assertion, isTime, type Metric, type Operator } from './assertion-syntax.ts';
import { type LevelSummary, summarizeLevels } from './contrast-summary.ts';
import type { StreamSummary } from './summarize-stream.ts';

/** A condition and what came of it. */
export interface AssertionOutcome {
  /** As it was written. */
  readonly text: string;
  readonly passed: boolean;
  /** In milliseconds, per second, as a count or as a ratio; undefined when there is no such figure, and then it has not passed. */
  readonly actual: number | undefined;
  /** Where the figure is from: the default is filled in. */
  readonly offeredLoad: number;
}

/** What names a condition may use. */
type Names = Pick<LabResult, 'plan'>;

/**
 * Refuses conditions on a stream, target or load that the plan has not, with a {@link LabError} that lists
 * those there are: before measuring, because afterwards it is too late.
 */
export function checkAssertions(assertions: readonly Assertion[], { plan }: Names): void {
  const streams = plan.streams.map(({ name }) => name);
  const targets = plan.targets.map(({ name }) => name);
  for (const { text, stream, target, dividedBy, offeredLoad } of assertions) {
    mustBeOneOf(text, 'stream', stream, streams);
    for (const name of [target, dividedBy]) {
      if (name !== undefined) mustBeOneOf(text, 'target', name, targets);
    }
    const loads = loadsOf(plan, [target, dividedBy]);
    if (offeredLoad !== undefined) mustBeOneOf(text, 'load', offeredLoad, loads);
  }
}

/** Judges conditions by a result. Throws a {@link LabError} as {@link checkAssertions} does. */
export function evaluateAssertions(
  assertions: readonly Assertion[],
  result: LabResult,
): AssertionOutcome[] {
  checkAssertions(assertions, result);
  const levels = summarizeLevels(result);
  return assertions.map((assertion) => {
    const { text, target, dividedBy, operator, limit } = assertion;
    const offeredLoad =
      assertion.offeredLoad ?? Math.max(0, ...loadsOf(result.plan, [target, dividedBy]));
    const actual = findActual(levels, assertion, offeredLoad);
    const passed = actual !== undefined && holds(actual, operator, limit);
    return { text, passed, actual, offeredLoad };
  });
}

function findActual(
  levels: readonly LevelSummary[],
  { stream, metric, target, dividedBy }: Assertion,
  offeredLoad: number,
): number | undefined {
  const figureOf = (name: string) => {
    const level = levels.find((one) => one.target === name && one.offeredLoad === offeredLoad);
    const summary = level?.streams.find((one) => one.name === stream);
    return summary === undefined ? undefined : readFigure(summary, metric);
  };
  const figure = figureOf(target);
  if (dividedBy === undefined || figure === undefined) return figure;
  const divisor = figureOf(dividedBy);
  // Of nothing there is no multiple.
  return divisor === undefined || divisor === 0 ? undefined : figure / divisor;
}

function readFigure(summary: StreamSummary, metric: Metric): number | undefined {
  if (isTime(metric)) return summary.responseTime?.[`${metric}Ms`];
  switch (metric) {
    case 'throughput':
      return summary.throughputPerSec;
    case 'unanswered':
      return summary.unanswered;
    case 'errors':
      return Object.values(summary.errors).reduce((sum, count) => sum + count, 0);
  }
}

function holds(actual: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
  }
}

/** The loads that all of the given targets are measured at. */
function loadsOf({ runs }: LabResult['plan'], targets: readonly (string | undefined)[]): number[] {
  const loads = [...new Set(runs.map(({ offeredLoad }) => offeredLoad))];
  return loads.filter((load) =>
    targets.every(
      (name) =>
        name === undefined ||
        runs.some(({ target, offeredLoad }) => target === name && offeredLoad === load),
    ),
  );
}

function mustBeOneOf<Name extends string | number>(
  text: string,
  what: string,
  name: Name,
  known: readonly Name[],
): void {
  if (known.includes(name)) return;
  const list = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
  throw new LabError(`bad condition '${text}': no ${what} ${name}; ${list}`, 2);
}
