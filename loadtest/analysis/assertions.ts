import { LabError } from '../lab-error.ts';
import type { LabResult } from '../result/result.ts';
import { countNeeded } from '../stats/percentile.ts';
import { lacksSteadyState } from '../stats/steady-state.ts';
import {
  type Assertion,
  isRate,
  isTime,
  type Metric,
  type Operator,
  type TimeMetric,
} from './assertion-syntax.ts';
import { findHighestSteadyLoad } from './headline.ts';
import { findKnees } from './knee.ts';
import {
  judgedStream,
  type LevelSummary,
  runsAt,
  type StreamLevel,
  streamsOf,
  summarizeLevels,
} from './levels.ts';
import { type Want, wantRequests, wantRounds } from './wants.ts';

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
  | { readonly kind: 'too little data'; readonly target: string; readonly wants: readonly Want[] };

/** What names a condition may use. */
type Names = Pick<LabResult, 'plan' | 'experiment'>;

const percentiles = { p50: 50, p95: 95, p99: 99 } as const;

/** The one stream whose highest rate is searched for. */
const searchedStream = 'compute';

/**
 * Refuses conditions on a stream, target or load that the plan has not, and on figures for which its windows are too
 * short or its rounds too few, with a {@link LabError} that says what there is or what would be enough: before
 * measuring, because afterwards it is too late.
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
    // Of a task that is too short to be put under load there is none, and that is its answer.
    if (offeredLoad !== undefined && plan.runs.length > 0) {
      mustBeOneOf(text, 'load', offeredLoad, loads);
    }
    if (metric === 'growth') mustHaveGrowth(assertion, plan);
    mustHaveRounds(assertion, plan);
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
  { metric, stream, target, dividedBy, offeredLoad }: Assertion,
  { plan }: LabResult,
  levels: readonly LevelSummary[],
): number | undefined {
  if (metric === 'knee') return undefined;
  if (offeredLoad !== undefined) return offeredLoad;
  const targets = dividedBy === undefined ? [target] : [target, dividedBy];
  const asking = levels.filter(({ streams }) => streams.some(({ name }) => name === stream));
  const steady = isTime(metric) ? findHighestSteadyLoad(asking, targets) : undefined;
  return steady ?? loadsOf(plan, targets).at(-1);
}

function findFigure(
  { stream, metric }: Assertion,
  result: LabResult,
  levels: readonly LevelSummary[],
  target: string,
  offeredLoad: number | undefined,
): number | Obstacle {
  if (metric === 'knee') {
    const knee = findKnees(result).find((one) => one.target === target);
    return knee?.carried?.perSec ?? { kind: 'missing' };
  }
  const level = levels.find((one) => one.target === target && one.offeredLoad === offeredLoad);
  const summary = level?.streams.find((one) => one.name === stream);
  if (level === undefined || summary === undefined) return { kind: 'missing' };
  return isTime(metric)
    ? readTime(result, level, summary, metric)
    : readOther(level, summary, metric);
}

function readTime(
  { runs }: LabResult,
  { target, offeredLoad, rounds, windowMs }: LevelSummary,
  { name, trend, responseTime }: StreamLevel,
  metric: TimeMetric,
): number | Obstacle {
  if (trend?.state === 'unknown') {
    return { kind: 'too little data', target, wants: wantRounds(rounds) };
  }
  if (lacksSteadyState(trend)) return { kind: 'no steady state', target };
  if (responseTime === undefined) return { kind: 'missing' };
  const ofRuns = streamsOf(runsAt(runs, target, offeredLoad), name);
  return (
    responseTime[`${metric}Ms`] ?? {
      kind: 'too little data',
      target,
      wants: metric === 'max' ? [] : wantRequests(ofRuns, percentiles[metric], windowMs),
    }
  );
}

function readOther(
  { target, rounds }: LevelSummary,
  stream: StreamLevel,
  metric: Exclude<Metric, TimeMetric | 'knee'>,
): number | Obstacle {
  switch (metric) {
    case 'throughput':
      return stream.throughputPerSec;
    case 'growth':
      return (
        stream.trend?.growthMsPerSec?.value ?? {
          kind: 'too little data',
          target,
          wants: wantRounds(rounds),
        }
      );
    case 'unanswered':
      return stream.unanswered;
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

/** The loads that all of the given targets are measured at, ascending. */
function loadsOf({ runs }: LabResult['plan'], targets: readonly (string | undefined)[]): number[] {
  const loads = [...new Set(runs.map(({ offeredLoad }) => offeredLoad))].sort((a, b) => a - b);
  return loads.filter((load) =>
    targets.every(
      (name) =>
        name === undefined ||
        runs.some(({ target, offeredLoad }) => target === name && offeredLoad === load),
    ),
  );
}

/** Who waits for a new connection waits for the end of an overload, and virtual users wait for their answers. */
function mustHaveGrowth(
  { text, stream }: Assertion,
  { streams, loadUnit }: LabResult['plan'],
): void {
  const isNew = streams.some(
    ({ name, connection }) => name === stream && connection.kind === 'new',
  );
  if (loadUnit === 'threads' && !isNew) return;
  const why = isNew
    ? `${stream} opens a connection for every request, so its times do not grow with the load's length: use ${judgedStream}.growth`
    : 'virtual users wait for their answers, so nothing grows';
  throw new LabError(`bad condition '${text}': ${why}`, 2);
}

/** Whether a load has a steady state is told by its rounds. */
function mustHaveRounds(assertion: Assertion, { runs, loadUnit }: LabResult['plan']): void {
  const { text, metric } = assertion;
  if (loadUnit !== 'threads' || !(isTime(metric) || metric === 'growth')) return;
  const rounds = Math.max(0, ...runsFor(assertion, runs).map(({ repetition }) => repetition));
  const [want] = wantRounds(rounds);
  if (rounds === 0 || want === undefined) return;
  throw new LabError(
    `bad condition '${text}': ${metric} takes ${want.need} rounds, and there are ${rounds}: ask for --repeats ${want.need} or more`,
    2,
  );
}

/** Of a stream with a rate of its own it is known beforehand how many requests a window will hold. */
function mustHaveRequests(assertion: Assertion, { streams, runs }: LabResult['plan']): void {
  const { text, stream, metric } = assertion;
  const rate = streams.find(({ name }) => name === stream)?.arrivalRate;
  if (!isTime(metric) || metric === 'max' || rate?.kind !== 'fixed') return;
  const windowsMs = runsFor(assertion, runs).map(({ measureMs }) => measureMs);
  const longestMs = Math.max(0, ...windowsMs);
  const have = Math.floor((rate.perSec * longestMs) / 1000);
  const need = countNeeded(percentiles[metric]);
  if (longestMs === 0 || have >= need) return;
  throw new LabError(
    `bad condition '${text}': ${metric} takes ${need} requests in a window, and ${stream} sends ${have}: ` +
      `ask for --duration ${Math.ceil(need / rate.perSec)} or more, a higher rate, or a lower percentile`,
    2,
  );
}

/** The planned runs that a condition's figure may come from. */
function runsFor(
  { target, offeredLoad }: Assertion,
  runs: LabResult['plan']['runs'],
): LabResult['plan']['runs'] {
  return runs.filter(
    (run) =>
      run.target === target && (offeredLoad === undefined || run.offeredLoad === offeredLoad),
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
