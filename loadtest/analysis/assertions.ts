import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import { countNeeded } from '../stats/percentile.ts';
import { isSteady } from '../stats/steady-state.ts';
import { type Assertion, isRate, isTime, type Metric, type Operator } from './assertion-syntax.ts';
import { findHighestSteadyLoad } from './headline.ts';
import { findKnees } from './knee.ts';
import { type LevelSummary, type StreamLevel, summarizeLevels } from './levels.ts';

/** A condition and what came of it. */
export interface AssertionOutcome {
  /** As it was written. */
  readonly text: string;
  readonly outcome: 'holds' | 'fails' | 'cannot be judged';
  /** In milliseconds, ms per second, per second, as a count or as a ratio; undefined when there is no such figure. */
  readonly actual: number | undefined;
  /** Why there is no figure to judge by; undefined when there is one. */
  readonly obstacle: Obstacle | undefined;
  /** Where the figure is from: the default is filled in. Undefined: it is no load's own, as a knee. */
  readonly offeredLoad: number | undefined;
  /** What `actual` counts. */
  readonly unit: 'ms' | 'ms/s' | '/s' | 'requests' | 'ratio';
}

/** Why a condition cannot be judged. */
export type Obstacle =
  /** There is no such figure in the result. */
  | { readonly kind: 'missing' }
  /** This target's times are as long as the window made them. */
  | { readonly kind: 'no steady state'; readonly target: string }
  /** Too few requests in a run, or too few rounds. */
  | { readonly kind: 'too little data'; readonly target: string };

/** What names a condition may use. */
type Names = Pick<LabResult, 'plan' | 'experiment'>;

/** The one stream whose highest rate is searched for. */
const searchedStream = 'compute';

/**
 * Refuses conditions on a stream, target or load that the plan has not, and on percentiles for which its windows are
 * too short, with a {@link LabError} that says what there is or what would be enough: before measuring, because
 * afterwards it is too late.
 */
export function checkAssertions(assertions: readonly Assertion[], names: Names): void {
  const { plan, experiment } = names;
  const streams = plan.streams.map(({ name }) => name);
  const targets = plan.targets.map(({ name }) => name);
  for (const assertion of assertions) {
    const { text, stream, metric, target, dividedBy, offeredLoad } = assertion;
    mustSuit(text, metric, experiment);
    mustBeOneOf(text, 'stream', stream, metric === 'knee' ? [searchedStream] : streams);
    for (const name of [target, dividedBy]) {
      if (name !== undefined) mustBeOneOf(text, 'target', name, targets);
    }
    const loads = loadsOf(plan, [target, dividedBy]);
    if (offeredLoad !== undefined) mustBeOneOf(text, 'load', offeredLoad, loads);
    mustHaveRequests(assertion, plan);
  }
}

/** Judges conditions by a result. Throws a {@link LabError} when one uses a name that the result has not. */
export function evaluateAssertions(
  assertions: readonly Assertion[],
  result: LabResult,
): AssertionOutcome[] {
  checkAssertions(assertions, result);
  const levels = summarizeLevels(result);
  return assertions.map((assertion) => {
    const offeredLoad = chooseLoad(assertion, result, levels);
    const found = [assertion.target, assertion.dividedBy].flatMap((target) =>
      target === undefined ? [] : [findFigure(assertion, result, levels, target, offeredLoad)],
    );
    return {
      text: assertion.text,
      ...judgeFigures(assertion, found),
      offeredLoad,
      unit: unitOf(assertion),
    };
  });
}

function judgeFigures(
  { operator, limit }: Assertion,
  figures: readonly (number | Obstacle)[],
): Pick<AssertionOutcome, 'outcome' | 'actual' | 'obstacle'> {
  const obstacle = figures.find((figure) => typeof figure !== 'number');
  const [figure, divisor = 1] = figures.filter((found) => typeof found === 'number');
  if (obstacle !== undefined || figure === undefined || divisor === 0) {
    return {
      outcome: 'cannot be judged',
      actual: undefined,
      obstacle: obstacle ?? { kind: 'missing' },
    };
  }
  const actual = figure / divisor;
  const outcome = holds(actual, operator, limit) ? 'holds' : 'fails';
  return { outcome, actual, obstacle: undefined };
}

/** Times are of the highest load at which all the condition's targets have a steady state, other figures of the highest. */
function chooseLoad(
  { metric, target, dividedBy, offeredLoad }: Assertion,
  { plan }: LabResult,
  levels: readonly LevelSummary[],
): number | undefined {
  if (metric === 'knee') return undefined;
  const highest = Math.max(0, ...loadsOf(plan, [target, dividedBy]));
  const targets = dividedBy === undefined ? [target] : [target, dividedBy];
  return (
    offeredLoad ?? (isTime(metric) ? findHighestSteadyLoad(levels, targets) : undefined) ?? highest
  );
}

function findFigure(
  { stream, metric }: Assertion,
  result: LabResult,
  levels: readonly LevelSummary[],
  target: string,
  offeredLoad: number | undefined,
): number | Obstacle {
  if (offeredLoad === undefined) {
    const knee = findKnees(result).find((one) => one.target === target);
    return knee?.carried?.perSec ?? { kind: 'missing' };
  }
  const level = levels.find((one) => one.target === target && one.offeredLoad === offeredLoad);
  const summary = level?.streams.find((one) => one.name === stream);
  return summary === undefined ? { kind: 'missing' } : readFigure(summary, metric, target);
}

function readFigure(stream: StreamLevel, metric: Metric, target: string): number | Obstacle {
  if (isTime(metric)) {
    const { trend, responseTime } = stream;
    if (trend !== undefined && trend.state !== 'unknown' && !isSteady(trend.state)) {
      return { kind: 'no steady state', target };
    }
    if (responseTime === undefined) return { kind: 'missing' };
    return responseTime[`${metric}Ms`] ?? { kind: 'too little data', target };
  }
  switch (metric) {
    case 'throughput':
      return stream.throughputPerSec;
    case 'growth':
      return stream.trend?.growthMsPerSec?.value ?? { kind: 'too little data', target };
    case 'unanswered':
      return stream.unanswered;
    case 'knee':
      return { kind: 'missing' };
    case 'errors':
      return Object.values(stream.errors).reduce((sum, count) => sum + count, 0);
  }
}

function unitOf({ metric, dividedBy }: Assertion): AssertionOutcome['unit'] {
  if (dividedBy !== undefined) return 'ratio';
  if (isTime(metric)) return 'ms';
  if (metric === 'growth') return 'ms/s';
  return isRate(metric) ? '/s' : 'requests';
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

/** Of a stream with a rate of its own it is known beforehand how many requests a window will hold. */
function mustHaveRequests(
  { text, stream, metric, target, offeredLoad }: Assertion,
  { streams, runs }: LabResult['plan'],
): void {
  const rate = streams.find(({ name }) => name === stream)?.arrivalRate;
  if (!isTime(metric) || metric === 'max' || rate?.kind !== 'fixed') return;
  const windows = runs.filter(
    (run) =>
      run.target === target && (offeredLoad === undefined || run.offeredLoad === offeredLoad),
  );
  const longestMs = Math.max(0, ...windows.map(({ measureMs }) => measureMs));
  const have = Math.floor((rate.perSec * longestMs) / 1000);
  const need = countNeeded(Number(metric.slice(1)));
  if (longestMs === 0 || have >= need) return;
  throw new LabError(
    `bad condition '${text}': ${metric} takes ${need} requests in a window, and ${stream} sends ${have}: ` +
      `ask for --duration ${Math.ceil(need / rate.perSec)} or more, a higher rate, or a lower percentile`,
    2,
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
