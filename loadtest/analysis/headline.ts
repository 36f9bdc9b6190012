import type { Estimate } from '../stats/estimate.ts';
import type { LoadState } from '../stats/steady-state.ts';
import { judgedStream, type LevelSummary } from './levels.ts';
import type { Comparison, ContrastVerdict, Outcome } from './verdict.ts';

/** The percentile of the headline: two seconds hold enough for it at a load of 0.6, not for p99. */
export const headlinePercentile = 95;

/** Everybody else's response time at the highest load at which both targets have a steady state. */
export interface SteadyHeadline {
  readonly comparison: Comparison;
  readonly firstMs: number;
  readonly secondMs: number;
}

/** How one target fares at an overload. */
export interface OverloadedTarget {
  readonly target: string;
  readonly state: LoadState;
  /** Growth of everybody else's response time, in ms per second of load. */
  readonly growthMsPerSec: Estimate | undefined;
  /** Share of newcomers that were answered before the load ended. */
  readonly newcomersAnswered: Estimate | undefined;
}

/** The highest load, when a target does not keep up with it. */
export interface Overload {
  readonly offeredLoad: number;
  readonly windowMs: number;
  readonly targets: readonly OverloadedTarget[];
}

/** What a contrast comes to. */
export interface Headline {
  readonly first: string;
  readonly second: string;
  /** Undefined: at no load did both targets have a steady state and enough data. */
  readonly steady: SteadyHeadline | undefined;
  /** What the comparison at the highest load comes to instead; undefined where there is a steady one. */
  readonly unsteady: Outcome | undefined;
  readonly overload: Overload | undefined;
}

/** The headline of a contrast. */
export function findHeadline({ first, second, levels, comparisons }: ContrastVerdict): Headline {
  const steady = findSteady(first, second, levels, comparisons);
  return {
    first,
    second,
    steady,
    unsteady: steady === undefined ? comparisons.findLast(isForHeadline)?.outcome : undefined,
    overload: findOverload(levels),
  };
}

/** The new connections whose fate an overload's headline tells. */
const newcomers = 'newcomers';

function isForHeadline({ stream, percentile }: Comparison): boolean {
  return stream === judgedStream && percentile === headlinePercentile;
}

function findSteady(
  first: string,
  second: string,
  levels: readonly LevelSummary[],
  comparisons: readonly Comparison[],
): SteadyHeadline | undefined {
  const timeOf = (target: string, load: number) =>
    levels
      .find((level) => level.target === target && level.offeredLoad === load)
      ?.streams.find(({ name }) => name === judgedStream)?.responseTime?.p95Ms;
  const keepsUp = (load: number) =>
    levels
      .filter(({ offeredLoad }) => offeredLoad === load)
      .every(({ trend }) => trend === undefined || trend.state === 'keeps up');
  const comparison = comparisons.findLast(
    (one) => isForHeadline(one) && one.ratio !== undefined && keepsUp(one.offeredLoad),
  );
  if (comparison === undefined) return undefined;
  const [firstMs, secondMs] = [first, second].map((target) =>
    timeOf(target, comparison.offeredLoad),
  );
  return firstMs === undefined || secondMs === undefined
    ? undefined
    : { comparison, firstMs, secondMs };
}

function findOverload(levels: readonly LevelSummary[]): Overload | undefined {
  const highest = Math.max(...levels.map(({ offeredLoad }) => offeredLoad));
  const atHighest = levels.filter(({ offeredLoad }) => offeredLoad === highest);
  if (!atHighest.some(({ trend }) => trend?.state === 'does not keep up')) return undefined;
  return {
    offeredLoad: highest,
    windowMs: Math.max(...atHighest.map(({ windowMs }) => windowMs)),
    targets: atHighest.flatMap(({ target, trend, streams }) =>
      trend === undefined
        ? []
        : {
            target,
            ...trend,
            newcomersAnswered: streams.find(({ name }) => name === newcomers)?.answeredRatio,
          },
    ),
  };
}

/** The highest load at which a target keeps up; undefined: at none, or it was not measured. */
export function findHighestSteadyLoad(
  levels: readonly LevelSummary[],
  targets: readonly string[],
): number | undefined {
  const loads = [...new Set(levels.map(({ offeredLoad }) => offeredLoad))];
  return loads
    .filter((load) =>
      targets.every((target) =>
        levels.some(
          (level) =>
            level.target === target &&
            level.offeredLoad === load &&
            (level.trend === undefined || level.trend.state === 'keeps up'),
        ),
      ),
    )
    .at(-1);
}
