import { createRandom } from '../generator/random.ts';
import { decodeHistogram, readCounts } from '../result/histogram.ts';
import type { BlockResult } from '../result/stream-result.ts';
import { quantile } from './statistics.ts';

/** An estimate with the interval that holds the true value with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The response times of one stream on one target: blocks of half a second, by repetition. */
export type Repetitions = readonly (readonly Pick<BlockResult, 'responseTimeUs'>[])[];

const resamples = 1000;
const seed = 20_231_105;

/**
 * How many times as long `slow` takes as `fast` at each of the percentiles (0 to 100), with a 95 % confidence
 * interval; undefined where either has no times.
 *
 * A hierarchical block bootstrap: repetitions are drawn with replacement, then blocks within each, because
 * requests that follow one another are alike and so are those of one process. The interval on the logarithmic
 * scale is then widened by Student's t for the number of repetitions, without which a handful of them would
 * look far more certain than they are.
 * @see A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application (1997), §3.8 and §8.2
 * @see A. C. Cameron, J. B. Gelbach, D. L. Miller, Bootstrap-Based Improvements for Inference with Clustered
 * Errors, Review of Economics and Statistics 90 (2008), on few clusters
 */
export function estimateRatios(
  slow: Repetitions,
  fast: Repetitions,
  percentiles: readonly number[],
): (Estimate | undefined)[] {
  const [slowTimes, fastTimes] = [toTimes(slow), toTimes(fast)];
  const observed = ratiosOf(slowTimes.all(percentiles), fastTimes.all(percentiles));
  const random = createRandom(seed);
  const drawn = Array.from({ length: resamples }, () =>
    ratiosOf(slowTimes.draw(percentiles, random), fastTimes.draw(percentiles, random)),
  );
  const widening = widenFor(slow, fast);
  return observed.map((value, index) => {
    if (value === undefined) return undefined;
    const logs = drawn.flatMap((ratios) => ratios[index] ?? []).map(Math.log);
    const at = (q: number) =>
      Math.exp(Math.log(value) + widening * (quantile(logs, q) - Math.log(value)));
    return { value, low: Math.min(value, at(0.025)), high: Math.max(value, at(0.975)) };
  });
}

function ratiosOf(
  slow: readonly (number | undefined)[],
  fast: readonly (number | undefined)[],
): (number | undefined)[] {
  return slow.map((us, index) => {
    const fastUs = fast[index];
    return us === undefined || fastUs === undefined ? undefined : us / Math.max(1, fastUs);
  });
}

/**
 * t ÷ z for the degrees of freedom between repetitions, times √(R ÷ (R − 1)) for what drawing R out of R loses.
 * With a single repetition only the blocks can be counted; how much another process would differ is then
 * not known, and whoever shows the figure has to say so.
 */
function widenFor(slow: Repetitions, fast: Repetitions): number {
  const repetitions = Math.min(slow.length, fast.length);
  if (repetitions >= 2) {
    const degrees = slow.length + fast.length - 2;
    return (studentT975(degrees) / 1.96) * Math.sqrt(repetitions / (repetitions - 1));
  }
  const blocks = Math.min(...[...slow, ...fast].map(({ length }) => length));
  return studentT975(Math.max(1, blocks - 1)) / 1.96;
}

const t975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Student's t at 97.5 %; beyond ten degrees of freedom by Cornish and Fisher's expansion. */
function studentT975(degrees: number): number {
  const z = 1.96;
  return t975[degrees - 1] ?? z + (z ** 3 + z) / (4 * degrees);
}

/** All the times of one side, in order, each knowing which block it is from. */
function toTimes(repetitions: Repetitions) {
  const entries: { us: number; count: number; block: number }[] = [];
  const blocksByRepetition: number[][] = [];
  let block = 0;
  for (const blocks of repetitions) {
    const own: number[] = [];
    for (const { responseTimeUs } of blocks) {
      for (const [us, count] of readCounts(decodeHistogram(responseTimeUs)))
        entries.push({ us, count, block });
      own.push(block++);
    }
    if (own.length > 0) blocksByRepetition.push(own);
  }
  entries.sort((a, b) => a.us - b.us);
  const weights = new Uint32Array(block);

  const percentilesUs = (percentiles: readonly number[]): (number | undefined)[] => {
    let total = 0;
    for (const entry of entries) total += entry.count * (weights[entry.block] ?? 0);
    if (total === 0) return percentiles.map(() => undefined);
    const found: number[] = [];
    let seen = 0;
    for (const { us, count, block } of entries) {
      seen += count * (weights[block] ?? 0);
      for (
        let next = percentiles[found.length];
        next !== undefined;
        next = percentiles[found.length]
      ) {
        if (seen < (next / 100) * total) break;
        found.push(us);
      }
      if (found.length === percentiles.length) break;
    }
    return found;
  };

  return {
    /** The percentiles of what was measured. They have to be given in ascending order. */
    all(percentiles: readonly number[]) {
      weights.fill(1);
      return percentilesUs(percentiles);
    },
    /** The percentiles of one resample. */
    draw(percentiles: readonly number[], random: () => number) {
      weights.fill(0);
      for (const _ of blocksByRepetition) {
        const blocks = pick(blocksByRepetition, random);
        for (const _ of blocks) {
          const drawn = pick(blocks, random);
          weights[drawn] = (weights[drawn] ?? 0) + 1;
        }
      }
      return percentilesUs(percentiles);
    },
  };
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
