import { studentT975 } from './student-t.ts';

/** An estimate with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Rounds below which there is no interval worth printing: two give one that is 6 to 60 times wide. */
export const fewestRounds = 3;

/** Histograms are exact to 0.1 %, so no interval of a ratio is narrower on either side. */
const leastLogHalfWidth = 0.001;

/**
 * The mean of one figure a round, with the interval that Student's t gives; undefined with fewer than
 * {@link fewestRounds}. Nothing is assumed about what happens within a round.
 */
export function estimateMean(values: readonly number[]): Estimate | undefined {
  if (values.length < fewestRounds) return undefined;
  const value = mean(values);
  const half = studentT975(values.length - 1) * Math.sqrt(variance(values) / values.length);
  return { value, low: value - half, high: value + half };
}

/**
 * The geometric mean of one ratio a round, with the interval that Student's t gives for the logarithms; undefined with
 * fewer than {@link fewestRounds}. Both figures of a round's ratio are measured one after the other under the same
 * arrivals, so that what a round has in common cancels out (a paired comparison).
 */
export function estimateRatio(ratios: readonly number[]): Estimate | undefined {
  return exponentiate(estimateMean(ratios.map(Math.log)));
}

/**
 * The same for figures of two measurements that have no rounds in common: Welch's t interval of the difference of mean
 * logarithms; undefined when one side has fewer than {@link fewestRounds}.
 * @see B. L. Welch, The generalization of "Student's" problem, Biometrika 34 (1947)
 */
export function estimateUnpairedRatio(
  first: readonly number[],
  second: readonly number[],
): Estimate | undefined {
  if (Math.min(first.length, second.length) < fewestRounds) return undefined;
  const [a, b] = [first.map(Math.log), second.map(Math.log)];
  const [ofA, ofB] = [variance(a) / a.length, variance(b) / b.length];
  const degrees =
    ofA + ofB === 0
      ? a.length + b.length - 2
      : (ofA + ofB) ** 2 / (ofA ** 2 / (a.length - 1) + ofB ** 2 / (b.length - 1));
  const value = mean(a) - mean(b);
  // Rounding must not make 3 of 4 degrees.
  const whole = Math.max(1, Math.floor(degrees + 1e-9));
  const half = studentT975(whole) * Math.sqrt(ofA + ofB);
  return exponentiate({ value, low: value - half, high: value + half });
}

/** How many of a round's requests something is true of. */
export interface Counted {
  readonly part: number;
  readonly whole: number;
}

/**
 * The mean of one share a round, with the interval that Student's t gives, within 0 and 1; undefined with fewer than
 * {@link fewestRounds}. Where all rounds agree, on none or on all, they agree to one request: no interval is narrower
 * on either side than one request of a round.
 */
export function estimateShare(rounds: readonly Counted[]): Estimate | undefined {
  const share = estimateMean(rounds.map(({ part, whole }) => (whole === 0 ? 0 : part / whole)));
  if (share === undefined) return undefined;
  const { value, low, high } = share;
  const least = 1 / Math.max(1, Math.min(...rounds.map(({ whole }) => whole)));
  return {
    value,
    low: Math.max(0, Math.min(low, value - least)),
    high: Math.min(1, Math.max(high, value + least)),
  };
}

/** The geometric mean of positive figures; NaN when there is none. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}

/** The arithmetic mean; NaN when there is no value. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return (
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1)
  );
}

function exponentiate(logs: Estimate | undefined): Estimate | undefined {
  if (logs === undefined) return undefined;
  const { value, low, high } = logs;
  return {
    value: Math.exp(value),
    low: Math.exp(Math.min(low, value - leastLogHalfWidth)),
    high: Math.exp(Math.max(high, value + leastLogHalfWidth)),
  };
}
