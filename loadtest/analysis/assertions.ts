import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import { type Assertion, isRate, isTime, type Metric, type Operator } from './assertion-syntax.ts';
import { type LevelSummary, summarizeLevels } from './contrast-summary.ts';
import { findKnees } from './knee.ts';
import type { StreamSummary } from './summarize-stream.ts';

/** A condition and what came of it. */
export interface AssertionOutcome {
  /** As it was written. */
  readonly text: string;
  readonly passed: boolean;
  /** In milliseconds, per second, as a count or as a ratio; undefined when there is no such figure, and then it has not passed. */
  readonly actual: number | undefined;
  /** Where the figure is from: the default is filled in. Undefined: it is no load's own, as a knee. */
  readonly offeredLoad: number | undefined;
  /** What `actual` counts. */
  readonly unit: 'ms' | '/s' | 'requests' | 'ratio';
}

/** What names a condition may use. */
type Names = Pick<LabResult, 'plan' | 'experiment'>;

/** The one stream whose highest rate is searched for. */
const searchedStream = 'compute';

/**
 * Refuses conditions on a stream, target or load that the plan has not, with a {@link LabError} that lists
 * those there are: before measuring, because afterwards it is too late.
 */
export function checkAssertions(assertions: readonly Assertion[], names: Names): void {
  const { plan, experiment } = names;
  const streams = plan.streams.map(({ name }) => name);
  const targets = plan.targets.map(({ name }) => name);
  for (const { text, stream, metric, target, dividedBy, offeredLoad } of assertions) {
    mustSuit(text, metric, experiment);
    mustBeOneOf(text, 'stream', stream, metric === 'knee' ? [searchedStream] : streams);
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
    const { text, metric, target, dividedBy, operator, limit } = assertion;
    const offeredLoad =
      metric === 'knee'
        ? undefined
        : (assertion.offeredLoad ?? Math.max(0, ...loadsOf(result.plan, [target, dividedBy])));
    const actual =
      offeredLoad === undefined
        ? divide(assertion, (name) => findCarriedPerSec(result, name))
        : divide(assertion, (name) => findFigure(levels, assertion, name, offeredLoad));
    const passed = actual !== undefined && holds(actual, operator, limit);
    return { text, passed, actual, offeredLoad, unit: unitOf(assertion) };
  });
}

function findFigure(
  levels: readonly LevelSummary[],
  { stream, metric }: Assertion,
  target: string,
  offeredLoad: number,
): number | undefined {
  const level = levels.find((one) => one.target === target && one.offeredLoad === offeredLoad);
  const summary = level?.streams.find((one) => one.name === stream);
  return summary === undefined ? undefined : readFigure(summary, metric);
}

function findCarriedPerSec(result: LabResult, target: string): number | undefined {
  return findKnees(result).find((knee) => knee.target === target)?.carried?.perSec;
}

function divide(
  { target, dividedBy }: Assertion,
  figureOf: (target: string) => number | undefined,
): number | undefined {
  const figure = figureOf(target);
  if (dividedBy === undefined || figure === undefined) return figure;
  const divisor = figureOf(dividedBy);
  // Of nothing there is no multiple.
  return divisor === undefined || divisor === 0 ? undefined : figure / divisor;
}

function unitOf({ metric, dividedBy }: Assertion): AssertionOutcome['unit'] {
  if (dividedBy !== undefined) return 'ratio';
  if (isTime(metric)) return 'ms';
  return isRate(metric) ? '/s' : 'requests';
}

function readFigure(summary: StreamSummary, metric: Metric): number | undefined {
  if (isTime(metric)) return summary.responseTime?.[`${metric}Ms`];
  switch (metric) {
    case 'throughput':
      return summary.throughputPerSec;
    case 'unanswered':
      return summary.unanswered;
    case 'knee':
      return undefined;
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

function mustSuit(text: string, metric: Metric, experiment: Names['experiment']): void {
  const isSearch = experiment === 'knee';
  if (isSearch === (metric === 'knee')) return;
  const why = isSearch
    ? 'a search for the knee has no figure but knee'
    : `only a search for the knee finds a knee, not ${experiment}`;
  throw new LabError(`bad condition '${text}': ${why}`, 2);
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
