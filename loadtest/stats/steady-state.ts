import { type Estimate, estimateMean } from './estimate.ts';

/**
 * Whether a target carries a load. `keeps up`: its response time does not grow, so percentiles are properties of the
 * target. `near its limit`: the same, but its event loop is nearly full. `does not keep up`: the response time grows
 * for as long as the load lasts. `at its limit`: the rounds do not say which. `unknown`: too few rounds.
 */
export type LoadState =
  | 'keeps up'
  | 'near its limit'
  | 'at its limit'
  | 'does not keep up'
  | 'unknown';

/**
 * Growth of the response time that separates the two, in ms per second of load. In simulation four rounds of 1.5 s tell
 * a load of 1.2 from one of 0.6 in 97 % and 100 % of all cases.
 */
export const growthLimitMsPerSec = 50;

/** Utilisation of an event loop from which on a load counts as near the limit: windows of seconds are too short there. */
export const nearLimitUtilization = 0.85;

/** What the rounds at one load say about a target. */
export interface Trend {
  readonly state: LoadState;
  /** ms per second of load; undefined: too few rounds. */
  readonly growthMsPerSec: Estimate | undefined;
}

/**
 * Judges one target at one load by the slope of its response time in each round.
 * `utilization`: of its event loop, 0 to 1; null: not known.
 */
export function judgeTrend(growthsMsPerSec: readonly number[], utilization: number | null): Trend {
  const growth = estimateMean(growthsMsPerSec);
  return { state: toState(growth, utilization), growthMsPerSec: growth };
}

/** Whether percentiles measured under this state are properties of the target. */
export function isSteady(state: LoadState): boolean {
  return state === 'keeps up' || state === 'near its limit';
}

/** Whether it is known that times under this trend are as long as the window made them. Without a trend it is not. */
export function lacksSteadyState(trend: Trend | undefined): boolean {
  return trend !== undefined && trend.state !== 'unknown' && !isSteady(trend.state);
}

function toState(growth: Estimate | undefined, utilization: number | null): LoadState {
  if (growth === undefined) return 'unknown';
  if (growth.low > growthLimitMsPerSec) return 'does not keep up';
  if (growth.high >= growthLimitMsPerSec) return 'at its limit';
  return utilization !== null && utilization >= nearLimitUtilization
    ? 'near its limit'
    : 'keeps up';
}
